import {
  BadRequestException,
  Catch,
  HttpException,
  InternalServerErrorException,
  type CanActivate,
  type ExecutionContext,
  type PipeTransform,
  UnauthorizedException,
  UseFilters,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type NestInterceptor,
} from '@nestjs/common';
import { Args, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import { GraphQLError } from 'graphql';
import { catchError, type Observable } from 'rxjs';
import { Idempotent } from '../../src/nestjs/index.js';
import { endOf, startNest, type NestApp } from './nest-app.js';

/** What refuses or fails, and how often the resolver ran. */
const now: { guard?: Error | undefined; pipe?: Error | undefined; handler?: Error | undefined } =
  {};
let runs = 0;

class Guard implements CanActivate {
  canActivate(): boolean {
    if (now.guard !== undefined) throw now.guard;
    return true;
  }
}

class Pipe implements PipeTransform {
  transform(value: unknown): unknown {
    if (now.pipe !== undefined) throw now.pipe;
    return value;
  }
}

/** Turns every HttpException into a GraphQLError, as an application's filter may. */
@Catch(HttpException)
class GraphqlFilter {
  catch(exception: HttpException): never {
    throw new GraphQLError(exception.message, { extensions: { code: 'FILTERED' } });
  }
}

class DomainError extends Error {}

/** Turns what the domain throws into HTTP, between the door and the resolver. */
class DomainInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      catchError((error: unknown) => {
        throw error instanceof DomainError ? new HttpException(error.message, 409) : error;
      }),
    );
  }
}

function answer(amount: number): number {
  runs += 1;
  if (now.handler !== undefined) throw now.handler;
  return amount;
}

@Resolver()
@UseGuards(Guard)
class PayResolver {
  @Query(() => Int)
  one(): number {
    return 1;
  }

  @Mutation(() => Int)
  @Idempotent()
  pay(@Args('amount', { type: () => Int }, Pipe) amount: number): number {
    return answer(amount);
  }

  @Mutation(() => Int)
  @Idempotent({ onError: 'SEAL' })
  sealed(@Args('amount', { type: () => Int }, Pipe) amount: number): number {
    return answer(amount);
  }

  @Mutation(() => Int)
  @UseFilters(GraphqlFilter)
  @Idempotent({ onError: 'SEAL' })
  filtered(@Args('amount', { type: () => Int }, Pipe) amount: number): number {
    return answer(amount);
  }

  // Decorators run from below, and the interceptor of the first is the outermost.
  @Mutation(() => Int)
  @UseInterceptors(DomainInterceptor)
  @Idempotent({ onError: 'SEAL' })
  mappedInside(@Args('amount', { type: () => Int }) amount: number): number {
    return answer(amount);
  }

  @Mutation(() => Int)
  @Idempotent({ onError: 'SEAL' })
  @UseInterceptors(DomainInterceptor)
  mappedOutside(@Args('amount', { type: () => Int }) amount: number): number {
    return answer(amount);
  }
}

describe('exceptions of Nest', () => {
  let plain: NestApp;
  let storing: NestApp;

  beforeAll(async () => {
    plain = await startNest({ providers: [PayResolver] });
    storing = await startNest({
      providers: [PayResolver],
      idempotency: { storeHttpExceptions: true },
    });
  });
  afterAll(() => Promise.all([plain.app.close(), storing.app.close()]));
  beforeEach(() => {
    runs = 0;
    for (const place of ['guard', 'pipe', 'handler'] as const) now[place] = undefined;
  });

  let keys = 0;
  function query(field: string): string {
    keys += 1;
    return `mutation { ${field}(amount: 5) @idempotent(key: "k${String(keys)}") }`;
  }

  it.each(['pay', 'sealed', 'filtered'])(
    'are refusals of %s where guards and pipes throw them: its key stays usable',
    async (field) => {
      for (const { send } of [plain, storing]) {
        const request = query(field);
        now.guard = new UnauthorizedException();
        expect((await send(request)).data).toBeNull();
        now.guard = undefined;
        now.pipe = new BadRequestException();
        expect((await send(request)).data).toBeNull();
        now.pipe = new GraphQLError('Not so.', { extensions: { code: 'NOT_SO' } });
        expect((await send(request)).data).toBeNull();
        now.pipe = undefined;
        expect(endOf(await send(request), field)).toBe('executed');
      }
      expect(runs).toBe(2);
    },
  );

  it('are failures where a pipe throws another error: onError decides', async () => {
    const [pay, sealed] = [query('pay'), query('sealed')];
    now.pipe = new InternalServerErrorException();
    await plain.send(pay);
    await plain.send(sealed);
    now.pipe = undefined;
    expect(endOf(await plain.send(pay))).toBe('executed');
    expect(endOf(await plain.send(sealed))).toBe('IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED');
  });

  it('are failures where a resolver throws them: onError decides', async () => {
    now.handler = new HttpException('Sold out.', 409);
    const [pay, sealed] = [query('pay'), query('sealed')];
    for (const request of [pay, pay, sealed]) {
      expect((await plain.send(request)).errors?.[0]?.message).toBe('Sold out.');
    }
    expect(runs).toBe(3);
    expect(endOf(await plain.send(sealed))).toBe('IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED');
  });

  it.each([400, 401, 403, 422])(
    'turn a request down with status %d, wherever they come from',
    async (status) => {
      for (const { send } of [plain, storing]) {
        const request = query('sealed');
        now.handler = new HttpException('No.', status);
        await send(request);
        now.handler = undefined;
        expect(endOf(await send(request), 'sealed')).toBe('executed');
      }
    },
  );

  it.each([402, 404, 409, 410])(
    'with status %d are answers of a resolver where they are stored',
    async (status) => {
      now.handler = new HttpException('Sold out.', status);
      const request = query('sealed');
      const first = await storing.send(request);
      now.handler = undefined;
      const second = await storing.send(request);
      expect(second.errors?.[0]).toMatchObject({
        message: 'Sold out.',
        path: ['sealed'],
        extensions: first.errors?.[0]?.extensions,
      });
      expect(second.extensions?.idempotency?.['sealed']?.status).toBe('replayed');
      expect(runs).toBe(1);
    },
  );

  it.each([408, 425, 429, 500, 503])('with status %d are never stored', async (status) => {
    now.handler = new HttpException('Later.', status);
    const request = query('pay');
    await storing.send(request);
    now.handler = undefined;
    expect(endOf(await storing.send(request))).toBe('executed');
    expect(runs).toBe(2);
  });

  it('are answers where an interceptor inside of the door made them', async () => {
    now.handler = new DomainError('Sold out.');
    const request = query('mappedInside');
    await storing.send(request);
    now.handler = undefined;
    const { errors } = await storing.send(request);
    expect([errors?.[0]?.message, runs]).toEqual(['Sold out.', 1]);
  });

  it('are failures where an interceptor outside of the door made them', async () => {
    now.handler = new DomainError('Sold out.');
    const request = query('mappedOutside');
    expect((await storing.send(request)).errors?.[0]?.message).toBe('Sold out.');
    now.handler = undefined;
    const refused = 'IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED';
    expect([endOf(await storing.send(request)), runs]).toEqual([refused, 1]);
  });
});
