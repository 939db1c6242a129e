import type { CheckRules, Invariant, RecordView, Violation } from './checker.js';
import type { LedgerLine } from './history.js';

/** Checks the provider's ledger of one record: I1, I5, I7 and I8. */
export function checkLedger(view: RecordView, rules: CheckRules): readonly Violation[] {
  const effects = view.lines.filter(({ kind }) => kind === 'effect');
  return [
    ...appliedOnce(view, effects),
    ...(rules.reruns ? [] : startedOnce(view, effects)),
    ...fencesGrow(view, effects),
    ...oneIntent(view, effects),
    ...stepsNotRepeated(view, effects),
  ];
}

/** I1: at most one applied effect, for each step where there are steps. */
function appliedOnce(view: RecordView, effects: readonly LedgerLine[]): readonly Violation[] {
  return [...groupBy(effects, ({ step }) => step)].flatMap(([step, group]) => {
    const applied = group.filter((line) => line.applied).length;
    if (applied <= 1) return [];
    const what = step === '' ? 'effects' : `effects of step ${step}`;
    return [violation(view, 'I1', `${String(applied)} applied ${what}`)];
  });
}

/** I1 where no attempt had a reason to follow another: at most one attempt of any kind. */
function startedOnce(view: RecordView, effects: readonly LedgerLine[]): readonly Violation[] {
  const attempts = new Set(
    effects.map(({ worker, fence }) => `${String(worker)}/${String(fence)}`),
  );
  if (attempts.size <= 1) return [];
  return [violation(view, 'I1', `${String(attempts.size)} attempts although nobody had failed`)];
}

/**
 * I5: every attempt has a fence of its own, and a later attempt has a larger one. When an attempt gives up
 * its claim, the record may be erased: the next attempts have the numbers of that one and of all before
 * it again.
 */
function fencesGrow(view: RecordView, effects: readonly LedgerLine[]): readonly Violation[] {
  const ownerOf = ({ worker, fence }: LedgerLine): string => `${String(worker)}/${String(fence)}`;
  const releases = view.lines.filter(({ kind }) => kind === 'released').map(({ fence }) => fence);
  const countOf = (line: LedgerLine): number =>
    releases.filter((fence) => fence < line.fence).length;
  const kept = effects.filter(({ fence }) => !releases.includes(fence));
  return [...groupBy(kept, countOf).values()].flatMap((counted) => {
    const byAttempt = [...groupBy(counted, ({ attempt }) => attempt)].sort(([a], [b]) => a - b);
    const violations: Violation[] = [];
    let fenceBefore = 0;
    for (const [attempt, lines] of byAttempt) {
      const owners = new Set(lines.map(ownerOf));
      const fence = lines[0]?.fence ?? 0;
      if (owners.size > 1) {
        violations.push(violation(view, 'I5', `two owners of attempt ${String(attempt)}`));
      } else if (fence <= fenceBefore) {
        violations.push(violation(view, 'I5', `the fence did not grow with ${String(attempt)}`));
      }
      fenceBefore = fence;
    }
    return violations;
  });
}

/** I7: a key that is used for several arguments has effects for one of them only. */
function oneIntent(view: RecordView, effects: readonly LedgerLine[]): readonly Violation[] {
  const echoes = new Set(effects.filter(({ step }) => step === '').map(({ echo }) => echo));
  if (echoes.size <= 1) return [];
  return [violation(view, 'I7', `effects for ${String(echoes.size)} sets of arguments`)];
}

/**
 * I8: a step whose result was recorded is not run again, except by an owner that has lost the
 * record and was already on its way into the step.
 */
function stepsNotRepeated(view: RecordView, effects: readonly LedgerLine[]): readonly Violation[] {
  const recordedBy = new Map<string, { fence: number; position: number }>();
  view.lines.forEach(({ kind, step, fence }, position) => {
    if (kind === 'recorded' && !recordedBy.has(step)) recordedBy.set(step, { fence, position });
  });
  return effects.flatMap((effect) => {
    const recorded = recordedBy.get(effect.step);
    if (recorded === undefined || view.lines.indexOf(effect) < recorded.position) return [];
    if (effect.fence < recorded.fence) return [];
    return [violation(view, 'I8', `step ${effect.step} ran again after it had been recorded`)];
  });
}

/** A violation of a record. */
export function violation(view: RecordView, invariant: Invariant, detail: string): Violation {
  return { invariant, view, detail };
}

function groupBy<T, Key>(items: readonly T[], keyOf: (item: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
