/** The largest number of remembered primaries: more than any cluster has. */
const PRIMARIES_MAX = 1_024;

interface ReplicaCount {
  /** Redis's id for a history of writes: a promoted replica starts a new one. */
  readonly replicationId: string;
  readonly most: number;
}

/**
 * The number of replicas that each primary is known to have.
 *
 * A primary no longer lists a replica that falls behind or is cut off, and that replica must not be
 * promoted without the write. So the largest number ever seen in one history of writes counts, and at
 * least one.
 */
export class ReplicaCounts {
  readonly #counts = new Map<string, ReplicaCount>();

  /** The number of known replicas. */
  of(primary: string): number {
    return this.#counts.get(primary)?.most ?? 1;
  }

  /**
   * Records a primary's `INFO replication`.
   *
   * @returns the number of known replicas
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
