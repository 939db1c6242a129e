/** How a server of the benchmark protects its mutation. */
export type ContenderName =
  | 'none'
  | 'redis'
  | 'node-redis'
  | 'memory'
  | 'floor'
  | 'floor-batched'
  | 'node-idempotency'
  | 'powertools'
  | 'type-graphql-none'
  | 'type-graphql'
  | 'one-ping'
  | 'two-pings';

/** A way to protect a mutation that is put beside the others. */
export interface Contender {
  readonly name: ContenderName;
  readonly title: string;
  /** Which contender does the same without idempotency. */
  readonly baseline: ContenderName;
  /** Whether a key that comes again has no second effect. */
  readonly isProtected: boolean;
  /** Whether it sends anything to Redis. */
  readonly usesRedis: boolean;
}

function contender(
  name: ContenderName,
  title: string,
  { baseline = 'none', isProtected = true, usesRedis = true }: Partial<Contender> = {},
): Contender {
  return { name, title, baseline, isProtected, usesRedis };
}

/** All that are measured in every row. */
export const CONTENDERS: readonly Contender[] = [
  contender('none', 'no idempotency', { isProtected: false, usesRedis: false }),
  contender('redis', 'graphql-idempotency, RedisStore'),
  contender('node-redis', 'graphql-idempotency, RedisStore over node-redis'),
  contender('memory', 'graphql-idempotency, MemoryStore', { usesRedis: false }),
  contender('floor', 'hand-written floor'),
  contender('floor-batched', 'hand-written floor, auto-pipelining'),
  contender('node-idempotency', '@node-idempotency/core, Redis adapter'),
  contender('powertools', '@aws-lambda-powertools/idempotency, cache layer'),
  contender('type-graphql-none', 'TypeGraphQL, no idempotency', {
    baseline: 'type-graphql-none',
    isProtected: false,
    usesRedis: false,
  }),
  contender('type-graphql', 'TypeGraphQL, graphql-idempotency, RedisStore', {
    baseline: 'type-graphql-none',
  }),
];

/** Bare commands in the resolver: what a round trip costs in the same server. */
export const PINGS: readonly Contender[] = [
  contender('one-ping', 'one PING', { isProtected: false }),
  contender('two-pings', 'two PINGs, one after the other', { isProtected: false }),
];

/** What is known about a contender. */
export function contenderOf(name: ContenderName): Contender {
  const found = [...CONTENDERS, ...PINGS].find((one) => one.name === name);
  if (found === undefined) throw new RangeError(`There is no contender "${name}".`);
  return found;
}
