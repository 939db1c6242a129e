import { checkAnswers } from './check-answers.js';
import { checkLedger } from './check-ledger.js';
import type { HistoryEntry, LedgerLine } from './history.js';
import { nameOf, type RecordIdentity } from './record.js';

/** The invariants, numbered as in `docs/evidence.md`. */
export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9';

/** Something that must not happen. */
export interface Violation {
  readonly invariant: Invariant;
  readonly view: RecordView;
  readonly detail: string;
}

/** The rules of a scenario. */
export interface CheckRules {
  /**
   * Whether intents of `UNKNOWN_AFTER_CRASH` may end with an unknown outcome: only where processes die
   * or records are lost. Others never may.
   */
  readonly unknown: boolean;
  /** Whether attempts may follow each other: not where nobody dies, pauses or throws. */
  readonly reruns: boolean;
  /** Whether an answer may come before its result is stored: only where Redis is out of reach. */
  readonly notStored: boolean;
  /** Whether the store may have forgotten a completion that had been acknowledged: `rerun` only. */
  readonly forgets: boolean;
  /**
   * Set where the store forgets what the database has. A request with other arguments may then claim the
   * record and die, and the right arguments are refused until that claim has gone.
   */
  readonly emptied?: boolean;
}

/** Nothing may be noticed at all. */
export const UNNOTICED: CheckRules = Object.freeze({
  unknown: false,
  reruns: false,
  notStored: false,
  forgets: false,
});

/** Leases may lapse and Redis be out of reach, but no process dies: no outcome stays unknown. */
export const ALIVE: CheckRules = Object.freeze({ ...UNNOTICED, reruns: true, notStored: true });

/** All that is known about one record. */
export interface RecordView {
  readonly name: string;
  readonly identity: RecordIdentity;
  /** In the order in which the answers came. */
  readonly entries: readonly HistoryEntry[];
  /** In the order in which the provider saw them. */
  readonly lines: readonly LedgerLine[];
}

/** Holds what clients saw and what the provider did against the invariants. */
export function check(
  history: readonly HistoryEntry[],
  ledger: readonly LedgerLine[],
  rules: CheckRules,
): readonly Violation[] {
  return viewsOf(history, ledger).flatMap((view) => [
    ...checkLedger(view, rules),
    ...checkAnswers(view, rules),
  ]);
}

function viewsOf(
  history: readonly HistoryEntry[],
  ledger: readonly LedgerLine[],
): readonly RecordView[] {
  const views = new Map<string, RecordView & { entries: HistoryEntry[]; lines: LedgerLine[] }>();
  const viewOf = ({ scope, operation, key }: RecordIdentity) => {
    const identity = { scope, operation, key };
    const name = nameOf(identity);
    let view = views.get(name);
    if (view === undefined) {
      view = { name, identity, entries: [], lines: [] };
      views.set(name, view);
    }
    return view;
  };
  for (const entry of history) viewOf(entry).entries.push(entry);
  for (const line of ledger) viewOf(line).lines.push(line);
  return [...views.values()];
}
