/** Watches of records, by record id. */
export interface Watchers {
  /** Returns the function that ends it. Adding one function twice gives two watches. */
  add(recordId: string, onChange: () => void): () => void;
  has(recordId: string): boolean;
  notify(recordId: string): void;
  notifyAll(): void;
}

/** Creates an empty list of watchers. */
export function createWatchers(): Watchers {
  const byRecord = new Map<string, Set<{ readonly onChange: () => void }>>();

  function notify(recordId: string): void {
    for (const { onChange } of [...(byRecord.get(recordId) ?? [])]) onChange();
  }

  return {
    add(recordId, onChange) {
      const watcher = { onChange };
      const watchers = byRecord.get(recordId) ?? new Set();
      byRecord.set(recordId, watchers.add(watcher));
      return () => {
        if (!watchers.delete(watcher) || watchers.size > 0) return;
        if (byRecord.get(recordId) === watchers) byRecord.delete(recordId);
      };
    },
    has: (recordId) => byRecord.has(recordId),
    notify,
    notifyAll() {
      for (const recordId of [...byRecord.keys()]) notify(recordId);
    },
  };
}
