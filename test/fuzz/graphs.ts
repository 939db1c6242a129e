import fc from 'fast-check';
import { objectOf } from './variants.js';

/** Values that are not objects, or that no two places share. */
export const leaves: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown[]>(null, undefined, true, false, 0, -0, 1, -1, NaN, Infinity, '', 'a'),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'binary-ascii', maxLength: 40 }),
  fc.array(fc.nat(0xffff), { maxLength: 10 }).map((units) => String.fromCharCode(...units)),
  fc.integer(),
  fc.double(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
  fc.date(),
  fc.uint8Array({ maxLength: 20 }),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => bytes.buffer),
  fc.uint8Array({ minLength: 4, maxLength: 8 }).map((bytes) => new DataView(bytes.buffer, 1, 2)),
  fc.int16Array({ maxLength: 5 }),
  fc.uint32Array({ maxLength: 5 }),
  fc.float64Array({ maxLength: 5 }),
  fc.bigInt64Array({ maxLength: 3 }),
);

const names = fc.oneof(
  fc.constantFrom('a', 'b', 'id', 'name', '', '0', '__proto__', 'constructor', 'toString', 'é'),
  fc.string({ unit: 'binary', maxLength: 30 }),
);

const KINDS = ['list', 'object', 'bare', 'map', 'set'] as const;

/** What one object of a graph holds: a leaf, or another of its objects by number. */
const edges = fc.array(
  fc.record({
    name: names,
    target: fc.oneof(
      fc.nat(7),
      leaves.map((leaf) => ({ leaf })),
    ),
  }),
  { maxLength: 5 },
);

/** Objects of every kind that share one another, and stand within themselves. */
export const graphs: fc.Arbitrary<unknown> = fc
  .array(fc.record({ kind: fc.constantFrom(...KINDS), edges }), { minLength: 1, maxLength: 8 })
  .map((plans) => {
    const objects = plans.map(({ kind }) => emptyOf(kind));
    plans.forEach((plan, index) => {
      const members = plan.edges.map(({ name, target }): [string, unknown] => [
        name,
        typeof target === 'number' ? objects[target % objects.length] : target.leaf,
      ]);
      fill(objects[index] as object, members);
    });
    return objects[0];
  });

function emptyOf(kind: (typeof KINDS)[number]): object {
  switch (kind) {
    case 'list':
      return [];
    case 'map':
      return new Map();
    case 'set':
      return new Set();
    case 'bare':
      return Object.create(null) as object;
    case 'object':
      return {};
  }
}

function fill(object: object, members: readonly [string, unknown][]): void {
  if (Array.isArray(object)) object.push(...members.map(([, value]) => value));
  else if (object instanceof Set) for (const [, value] of members) object.add(value);
  else if (object instanceof Map) for (const [name, value] of members) object.set(value, name);
  else Object.defineProperties(object, Object.getOwnPropertyDescriptors(objectOf(members, false)));
}
