/** Primaries that are remembered. More than any cluster that one process talks to has. */
const PRIMARIES_MAX = 1_024;

interface ReplicaCount {
  /** Redis's name for a line of writes: a promoted replica starts a new one. */
  readonly replicationId: string;
  readonly most: number;
}

/**
 * The number of replicas that each primary is known to have.
 *
 * A replica that falls behind or is cut off is not listed by its primary any more, and it is the one
 * that must not be promoted without the write. So the most that were ever seen in a line of writes
 * count, and never less than one.
 */
export class ReplicaCounts {
  readonly #counts = new Map<string, ReplicaCount>();

  /** The number of known replicas. */
  of(primary: string): number {
    return this.#counts.get(primary)?.most ?? 1;
  }

  /**
   * Takes note of a primary's `INFO replication`.
   *
   * @returns how many are known of now
   */
  note(primary: string, info: string): number {
    const replicationId = /^master_replid:(\w+)/m.exec(info)?.[1] ?? '';
    const online = onlineReplicas(info);
    const before = this.#counts.get(primary);
    const same = before?.replicationId === replicationId;
    const most = Math.max(1, online, same ? before.most : 0);
    this.#counts.delete(primary);
    this.#counts.set(primary, { replicationId, most });
    if (this.#counts.size > PRIMARIES_MAX) {
      for (const oldest of this.#counts.keys()) {
        this.#counts.delete(oldest);
        break;
      }
    }
    return most;
  }
}

/** The number of replicas that `INFO replication` lists as online. */
export function onlineReplicas(info: string): number {
  return info.match(/^slave\d+:.*\bstate=online\b/gm)?.length ?? 0;
}
