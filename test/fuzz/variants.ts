/** Numbers from 0 up to but not including `below`. */
export type Dice = (below: number) => number;

/** Dice that always fall alike for one salt. */
export function diceOf(salt: number): Dice {
  let state = salt >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A plain object with these members, also with one called `__proto__`. */
export function objectOf(members: Iterable<readonly [string, unknown]>, bare: boolean): object {
  const object = (bare ? Object.create(null) : {}) as object;
  for (const [name, value] of members) {
    Object.defineProperty(object, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return object;
}

/** The same arguments written in another way. */
export function rewritten(value: unknown, dice: Dice): unknown {
  if (value === 0) return dice(2) === 0 ? 0 : -0;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Array.from(value, (item) => rewritten(item, dice));
  if (Buffer.isBuffer(value)) return new Uint8Array(value);
  if (value instanceof Uint8Array && dice(2) === 0) return Buffer.from(value);
  if (value instanceof Date) return new Date(value);
  if (value instanceof Set) {
    return new Set(shuffled([...value], dice).map((item) => rewritten(item, dice)));
  }
  if (value instanceof Map) {
    const entries = shuffled([...value] as [unknown, unknown][], dice);
    return new Map(entries.map(([key, item]) => [rewritten(key, dice), rewritten(item, dice)]));
  }
  if (!isPlain(value)) return value;
  const members = Object.entries(value).map(
    ([name, member]) => [name, rewritten(member, dice)] as const,
  );
  const absent = dice(3) === 0 && !Object.hasOwn(value, 'absent');
  return objectOf(
    shuffled([...members, ...(absent ? [['absent', undefined] as const] : [])], dice),
    dice(2) === 0,
  );
}

/** A value of which one part is something that is easily taken for it. */
export function altered(value: unknown, dice: Dice): unknown {
  if (typeof value === 'object' && value !== null && dice(4) > 0) {
    if (Array.isArray(value) && value.length > 0) {
      const place = dice(value.length);
      return value.map((item: unknown, index) => (index === place ? altered(item, dice) : item));
    }
    if (value instanceof Map && value.size > 0) {
      const place = dice(value.size);
      return new Map(
        [...(value as Map<unknown, unknown>)].map(([key, item], index) =>
          index === place ? [key, altered(item, dice)] : [key, item],
        ),
      );
    }
    const entries = isPlain(value) ? Object.entries(value) : [];
    if (entries.length > 0) {
      const place = dice(entries.length);
      return objectOf(
        entries.map(([name, member], index) =>
          index === place ? ([name, altered(member, dice)] as const) : [name, member],
        ),
        false,
      );
    }
  }
  const lookalikes = lookalikesOf(value);
  return lookalikes[dice(lookalikes.length)];
}

/** What could stand between two texts that are written one after the other. */
const SEAMS: readonly ((next: string) => string)[] = [
  (next) => next,
  (next) => `s${next}`,
  (next) => `s${String(next.length)}:${next}`,
  (next) => `","${next}`,
  (next) => `\0${next}`,
];

/** The list with its first two texts written as one. */
function joined(list: readonly unknown[], seam: (next: string) => string): unknown[] {
  const [one, two, ...rest] = list;
  return typeof one === 'string' && typeof two === 'string' ? [one + seam(two), ...rest] : [list];
}

/** The members with the first two written as one. */
function merged(
  members: readonly [string, unknown][],
  seam: (next: string) => string,
): [string, unknown][] {
  const [first, second, ...rest] = members;
  if (first === undefined || second === undefined) return [];
  const [[name, one], [next, two]] = [first, second];
  if (typeof one !== 'string' || typeof two !== 'string') return [];
  return [[name, one + seam(next) + seam(two)], ...rest];
}

/** What a careless comparison would take for the value. */
function lookalikesOf(value: unknown): unknown[] {
  switch (typeof value) {
    case 'number': {
      const whole = Number.isSafeInteger(value) ? [BigInt(value), new Date(value)] : [];
      return [String(value), value + 1, [value], ...whole];
    }
    case 'string':
      return [
        `${value}\0`,
        value.normalize('NFD'),
        Number(value),
        Array.from(value),
        Buffer.from(value),
      ];
    case 'bigint':
      return [String(value), Number(value), value + 1n];
    case 'boolean':
      return [Number(value), String(value), !value];
    case 'object':
      break;
    default:
      return [null, String(value)];
  }
  if (value === null) return ['null', 0, '', {}, undefined];
  if (Array.isArray(value)) {
    const list = value as readonly unknown[];
    return [
      new Set(list),
      [list],
      list.slice(1),
      Object.assign({}, list),
      ...SEAMS.map((seam) => joined(list, seam)),
    ];
  }
  if (value instanceof Set) return [[...value], new Map([...value].map((item) => [item, item]))];
  if (value instanceof Map)
    return [[...value], objectOf(textEntries(value), false), new Set(value.keys())];
  if (value instanceof Date) return [value.getTime(), value.toJSON()];
  if (ArrayBuffer.isView(value)) return [[...Buffer.from(value.buffer)], value.buffer];
  if (!isPlain(value)) return [{}, null];
  const entries = Object.entries(value);
  return [
    entries,
    new Map(entries),
    objectOf(entries.slice(1), false),
    objectOf([...entries, ['absent', null]], false),
    ...SEAMS.map((seam) => objectOf(merged(entries, seam), false)),
  ];
}

function textEntries(map: ReadonlyMap<unknown, unknown>): [string, unknown][] {
  return [...map].filter((entry): entry is [string, unknown] => typeof entry[0] === 'string');
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function shuffled<T>(items: readonly T[], dice: Dice): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(dice(left.length), 1));
}
