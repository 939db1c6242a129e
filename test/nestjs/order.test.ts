import {
  Injectable,
  Module,
  Scope,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
  type OnModuleDestroy,
  type PipeTransform,
} from '@nestjs/common';
import { Args, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import { mergeMap, type Observable } from 'rxjs';
import { MemoryStore, type IdempotencyEvent, type IdempotencyStore } from '../../src/index.js';
import { Idempotent, IdempotencyModule } from '../../src/nestjs/index.js';
import { until } from '../support/until.js';
import { endOf, startNest } from './nest-app.js';

const log: string[] = [];
let commitFails = false;

class Guard implements CanActivate {
  canActivate(): boolean {
    log.push('guard');
    return true;
  }
}

class Pipe implements PipeTransform {
  transform(value: unknown): unknown {
    log.push('pipe');
    return value;
  }
}

class Transaction implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    log.push('begin');
    return next.handle().pipe(
      mergeMap((value: unknown) => {
        log.push('commit');
        if (commitFails) throw new Error('The commit failed.');
        return Promise.resolve(value);
      }),
    );
  }
}

/** Made for each request. */
@Injectable({ scope: Scope.REQUEST })
class Ledger {
  readonly entries: number[] = [];
}

@Resolver()
class PayResolver {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  @Query(() => Int)
  one(): number {
    return 1;
  }

  @Mutation(() => Int)
  @UseGuards(Guard)
  @Idempotent()
  @UseInterceptors(Transaction)
  pay(@Args('amount', { type: () => Int }, Pipe) amount: number): number {
    log.push('run');
    return this.#ledger.entries.push(amount);
  }
}

const query = 'mutation { pay(amount: 5) @idempotent(key: "k1") }';

describe('the door of a Nest application', () => {
  beforeEach(() => {
    log.length = 0;
    commitFails = false;
  });

  it('stands after guards and before pipes, also where a resolver is made for each request', async () => {
    const { app, send } = await startNest({ providers: [PayResolver, Ledger] });
    const first = await send(query);
    expect(log).toEqual(['guard', 'begin', 'pipe', 'run', 'commit']);
    log.length = 0;
    const second = await send(query);
    await app.close();
    expect(log).toEqual(['guard', 'begin', 'commit']);
    expect([first.data, second.data, endOf(second)]).toEqual([{ pay: 1 }, { pay: 1 }, 'replayed']);
  });

  it('keeps nothing where an interceptor around it cannot commit', async () => {
    const { app, send } = await startNest({ providers: [PayResolver, Ledger] });
    commitFails = true;
    expect((await send(query)).errors?.[0]?.message).toBe('The commit failed.');
    commitFails = false;
    const again = await send(query);
    await app.close();
    expect([endOf(again), log.filter((line) => line === 'run')]).toEqual([
      'executed',
      ['run', 'run'],
    ]);
  });
});

describe('a Nest application that stops', () => {
  /** What the root module provides, and closes as early as it can. */
  @Injectable()
  class Connection implements OnModuleDestroy {
    readonly store = new MemoryStore();
    isClosed = false;

    onModuleDestroy(): void {
      this.isClosed = true;
    }

    /** A store that is gone with the connection. */
    over(): IdempotencyStore {
      const { store } = this;
      return new Proxy(store, {
        get: (_target, name) => {
          const member: unknown = Reflect.get(store, name);
          if (typeof member !== 'function') return member;
          return (...args: unknown[]): unknown => {
            if (this.isClosed && name !== 'close') throw new Error('The connection is closed.');
            return Reflect.apply(member, store, args);
          };
        },
      });
    }
  }

  let endSlow: () => void;

  @Resolver()
  class SlowResolver {
    @Query(() => Int)
    one(): number {
      return 1;
    }

    @Mutation(() => Int)
    @Idempotent()
    async pay(): Promise<number> {
      log.push('run');
      await new Promise<void>((resolve) => {
        endSlow = resolve;
      });
      return 7;
    }
  }

  const slow = 'mutation { pay @idempotent(key: "k1") }';

  it.each([10_000, 0])('waits %d ms for what is in flight before any module ends', async (ms) => {
    log.length = 0;
    const events: IdempotencyEvent[] = [];
    const connection = new Connection();
    @Module({
      providers: [{ provide: 'STORE', useFactory: (): IdempotencyStore => connection.over() }],
      exports: ['STORE'],
    })
    class Stores {}
    const module = IdempotencyModule.forRootAsync({
      imports: [Stores],
      inject: ['STORE'],
      useFactory: (store: IdempotencyStore) => ({
        store,
        scope: 'global',
        drainTimeoutMs: ms,
        onEvent: (event: IdempotencyEvent) => events.push(event),
      }),
    });
    const { app, send } = await startNest({
      modules: [module],
      // Nest ends the root module first.
      providers: [SlowResolver, { provide: Connection, useValue: connection }],
    });
    const answered = send(slow).catch(() => undefined);
    await until(() => log.length === 1);
    const closed = app.close();
    if (ms === 0) await until(() => events.some(({ type }) => type === 'unfinished'));
    else expect(connection.isClosed).toBe(false);
    endSlow();
    await Promise.all([closed, answered]);
    const types = events.map(({ type }) => type);
    expect([types.includes('executed'), types.includes('unfinished')]).toEqual([ms > 0, ms === 0]);
  });
});
