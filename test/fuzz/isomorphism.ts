import { types } from 'node:util';

/**
 * Says where `copy` is not what `original` is, or gives `undefined`: the same kinds and contents at
 * every place, in the same order, and one object wherever the original has one object. Dates, bytes
 * and errors only count for what they say.
 */
export function difference(original: unknown, copy: unknown): string | undefined {
  return new Comparison().at(original, copy, 'it');
}

class Comparison {
  readonly #copies = new Map<object, object>();
  readonly #originals = new Map<object, object>();

  at(original: unknown, copy: unknown, place: string): string | undefined {
    if (!isObject(original) || !isObject(copy)) {
      return Object.is(original, copy) ? undefined : `${place} is another value`;
    }
    const known = this.#copies.get(original);
    if (known !== undefined) return known === copy ? undefined : `${place} is not one object`;
    if (isBytes(original) || isDate(original)) return this.#leaf(original, copy, place);
    if (types.isNativeError(original)) return this.#error(original, copy, place);
    if (this.#originals.has(copy)) return `${place} is one object, and should be two`;
    this.#copies.set(original, copy);
    this.#originals.set(copy, original);
    if (Object.getPrototypeOf(original) !== Object.getPrototypeOf(copy)) {
      return `${place} has another prototype`;
    }
    if (types.isMap(original)) {
      return this.#list([...original].flat(), [...(copy as typeof original)].flat(), place);
    }
    if (types.isSet(original)) return this.#list([...original], [...(copy as Set<unknown>)], place);
    if (Array.isArray(original)) return this.#list(original, copy as unknown[], place);
    return this.#members(original, copy, place);
  }

  #leaf(original: object, copy: object, place: string): string | undefined {
    const same = original.constructor === copy.constructor && textOf(original) === textOf(copy);
    return same ? undefined : `${place} is another ${original.constructor.name}`;
  }

  #error(original: Error, copy: object, place: string): string | undefined {
    if (!types.isNativeError(copy)) return `${place} is no error`;
    const [one, two] = [original, copy].map(({ name, message }) => `${name}: ${message}`);
    if (one !== two) return `${place} is another error`;
    const [own, copied] = [original, copy] as { extensions?: unknown }[];
    return this.at(own?.extensions, copied?.extensions, `${place}.extensions`);
  }

  #list(original: unknown[], copy: unknown[], place: string): string | undefined {
    if (original.length !== copy.length) return `${place} has another length`;
    for (let index = 0; index < original.length; index += 1) {
      const found = this.at(original[index], copy[index], `${place}[${index}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #members(original: object, copy: object, place: string): string | undefined {
    const [names, copied] = [Object.keys(original), Object.keys(copy)];
    if (names.join('\n') !== copied.join('\n')) return `${place} has other members`;
    for (const name of names) {
      const [one, two] = [original, copy].map(
        (object) => Object.getOwnPropertyDescriptor(object, name)?.value as unknown,
      );
      const found = this.at(one, two, `${place}.${name}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isBytes(value: object): value is ArrayBuffer | ArrayBufferView {
  return ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value);
}

function isDate(value: object): value is Date {
  return types.isDate(value);
}

function textOf(value: object): string {
  if (isDate(value)) return String(value.getTime());
  const bytes = ArrayBuffer.isView(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : Buffer.from(value as ArrayBuffer);
  return bytes.toString('hex');
}
