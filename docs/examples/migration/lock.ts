import type { GraphQLResolveInfo } from 'graphql';
import { idempotencyOf } from 'graphql-idempotency';
import type { Redis } from 'ioredis';

/** What many servers do: a lock, and the answer in another key. */
export async function once<T>(redis: Redis, key: string, run: () => Promise<T>): Promise<T> {
  const known = await redis.get(`answer:${key}`);
  if (known !== null) return JSON.parse(known) as T;
  const locked = await redis.set(`lock:${key}`, '1', 'PX', 30_000, 'NX');
  if (locked === null) throw new Error('A request with this key is running.');
  try {
    const answer = await run();
    await redis.set(`answer:${key}`, JSON.stringify(answer), 'EX', 86_400);
    return answer;
  } finally {
    await redis.del(`lock:${key}`);
  }
}

interface Context {
  readonly user: string;
  readonly redis: Redis;
}

/** The resolver while the old servers run, and until the newest old answer has expired. */
export function resolversInTransition(charge: (amount: number) => Promise<unknown>) {
  return {
    Mutation: {
      pay: (
        _: unknown,
        { amount }: { amount: number },
        { user, redis }: Context,
        info: GraphQLResolveInfo,
      ) => once(redis, `${user}:${String(idempotencyOf(info)?.key)}`, () => charge(amount)),
    },
  };
}
