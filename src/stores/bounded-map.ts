/** An entry of a {@link BoundedMap}. */
export interface BoundedEntry {
  /** When it is forgotten, on a clock that never goes back. */
  readonly expiresAtMs: number;
  readonly bytes: number;
}

/** The limits of a {@link BoundedMap}. */
export interface Bounds {
  readonly entriesMax: number;
  readonly bytesMax: number;
}

/** Expired entries that nobody asks for are removed at least this often, while entries are added. */
const SWEEP_MS = 60_000;

/** Entries that expire, within bounds that only {@link BoundedMap.isFull} judges. */
export class BoundedMap<T extends BoundedEntry> {
  readonly #bounds: Bounds;
  readonly #nowMs: () => number;
  readonly #entries = new Map<string, T>();
  #bytes = 0;
  /** No entry expires before this; it may be earlier than any does. */
  #earliestExpiry = Infinity;
  #sweepDueAt = -Infinity;

  constructor(bounds: Bounds, nowMs: () => number) {
    this.#bounds = bounds;
    this.#nowMs = nowMs;
  }

  /** The entry, if it still lives. */
  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.expiresAtMs > this.#nowMs()) return entry;
    this.delete(key);
    return undefined;
  }

  /** Adds or replaces an entry. Whoever must not go beyond the bounds asks {@link isFull} first. */
  set(key: string, entry: T): void {
    // In its place: a map that is deleted from and added to is copied again and again.
    this.#bytes += entry.bytes - (this.#entries.get(key)?.bytes ?? 0);
    this.#entries.set(key, entry);
    this.#earliestExpiry = Math.min(this.#earliestExpiry, entry.expiresAtMs);
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined && this.#entries.delete(key)) this.#bytes -= entry.bytes;
  }

  /** The bound that leaves no room for one more entry, once expired ones are out of the way. */
  isFull(): keyof Bounds | undefined {
    const now = this.#nowMs();
    // A full map with nothing expired must not be searched again for every entry it refuses.
    const pays = this.#earliestExpiry <= now;
    if (pays && (this.#exceeded() !== undefined || now >= this.#sweepDueAt)) this.#sweep(now);
    return this.#exceeded();
  }

  #exceeded(): keyof Bounds | undefined {
    if (this.#entries.size >= this.#bounds.entriesMax) return 'entriesMax';
    return this.#bytes >= this.#bounds.bytesMax ? 'bytesMax' : undefined;
  }

  #sweep(now: number): void {
    this.#sweepDueAt = now + SWEEP_MS;
    this.#earliestExpiry = Infinity;
    for (const [key, { expiresAtMs }] of this.#entries) {
      if (expiresAtMs <= now) this.delete(key);
      else this.#earliestExpiry = Math.min(this.#earliestExpiry, expiresAtMs);
    }
  }
}
