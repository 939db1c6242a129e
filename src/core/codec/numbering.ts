/** The largest number of things for which a linear search is faster than hashing. */
const FEW = 12;

/** Numbers things in the order of their first appearance. */
export class Numbering<T> {
  readonly #first: T[] = [];
  #all: Map<T, number> | undefined;

  /** The number of a thing, from 0; `undefined` at its first appearance. */
  meet(thing: T): number | undefined {
    if (this.#all !== undefined) return this.#meetAmongMany(this.#all, thing);
    const number = this.#first.indexOf(thing);
    if (number >= 0) return number;
    this.#first.push(thing);
    if (this.#first.length > FEW) {
      this.#all = new Map(this.#first.map((met, index) => [met, index]));
    }
    return undefined;
  }

  #meetAmongMany(all: Map<T, number>, thing: T): number | undefined {
    const number = all.get(thing);
    if (number === undefined) all.set(thing, all.size);
    return number;
  }
}
