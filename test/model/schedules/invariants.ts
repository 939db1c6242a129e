import type { EntryLine, Ledger, RequestLine, Result } from './ledger.js';
import { STORE_TIMEOUT_MS, type KeyPlan, type Plan } from './plan.js';
import { OTHER_ARGUMENTS } from './provider.js';
import { FINGERPRINTS } from './requests.js';

/** What is known about one key when all is over. */
interface KeyHistory {
  readonly key: number;
  readonly plan: KeyPlan;
  /** Whether the mutation lets somebody take over from an owner that has fallen silent. */
  readonly takenOver: boolean;
  readonly ledger: Ledger;
  readonly entries: readonly EntryLine[];
  readonly requests: readonly RequestLine[];
  readonly retries: readonly RequestLine[];
}

type Invariant = (history: KeyHistory) => string | undefined;

/** Everything that a history did wrong: sentences, none of them hoped for. */
export function violationsOf(plan: Plan, ledger: Ledger): string[] {
  const found = [...ledger.violations];
  plan.keys.forEach((keyPlan, key) => {
    const history: KeyHistory = {
      key,
      plan: keyPlan,
      takenOver: keyPlan.onCrash === 'RERUN' || keyPlan.recover !== undefined,
      ledger,
      entries: ledger.entries.filter((entry) => entry.key === key),
      requests: ledger.requests.filter((request) => request.plan.key === key),
      retries: ledger.retries.filter((request) => request.plan.key === key),
    };
    for (const [name, invariant] of Object.entries(INVARIANTS)) {
      const problem = invariant(history);
      if (problem !== undefined) found.push(`key ${key}: ${name}: ${problem}`);
    }
  });
  return found;
}

const INVARIANTS: Readonly<Record<string, Invariant>> = {
  'every entry has a claim of its own': ({ entries, ledger, key }) => {
    const fences = new Set(entries.map(({ fence }) => fence));
    if (fences.size < entries.length) return 'two entries had one fence';
    const claimed = entries.every(({ fence, process }) =>
      ledger.claims.some((claim) => {
        return claim.key === key && claim.fence === fence && claim.process === process;
      }),
    );
    return claimed ? undefined : 'a resolver was entered without a claim';
  },

  'a request has one run': ({ entries }) => {
    const requests = new Set(entries.map(({ request }) => request));
    return requests.size < entries.length ? 'it had several' : undefined;
  },

  'only a failure lets a resolver be entered again': ({ entries, takenOver, plan }) => {
    if (takenOver) return undefined;
    for (const [index, entry] of entries.entries()) {
      const end = entries[index - 1]?.end;
      if (index === 0) continue;
      if (end === undefined || end.order > entry.order) return 'two ran at once';
      if (end.how === 'outcome') return 'it was entered again after its outcome';
      if (plan.onError === 'SEAL' && end.sealable) return 'it was entered again after a seal';
    }
    return undefined;
  },

  'a key has one answer': (history) => {
    const answers = [...history.requests, ...history.retries].flatMap(answersOf);
    const texts = new Set(answers.map(({ text }) => text));
    // What the provider says is the same for whoever asks.
    if (history.plan.ownAnswers) for (const text of unboundTexts(history)) texts.delete(text);
    return texts.size > 1 ? [...texts].join(' | ') : undefined;
  },

  'an answer belongs to its arguments': ({ requests, retries, key }) => {
    const foreign = [...requests, ...retries].find((request) => {
      const own = `for arguments ${request.plan.fingerprint} of key ${key}`;
      return answersOf(request).some(({ text }) => !text.endsWith(own));
    });
    return (
      foreign && `arguments ${foreign.plan.fingerprint} got ${JSON.stringify(foreign.settled)}`
    );
  },

  'a record has one outcome': ({ ledger, key }) => {
    const ofKey = ledger.outcomes.filter((outcome) => outcome.key === key);
    const outcomes = new Set(
      ofKey.map(({ fingerprint, status, text }) => `${status} ${text} of ${fingerprint}`),
    );
    return outcomes.size > 1 ? [...outcomes].join(' | ') : undefined;
  },

  'a stored outcome is what every later request is told': (history) => {
    const { ledger, key, requests, plan } = history;
    const kept = ledger.outcomes.find((outcome) => outcome.key === key);
    if (kept === undefined) return undefined;
    const texts = [kept.text, ...unboundTexts(history)];
    for (const request of requests) {
      if (request.order < kept.order || request.settled === undefined) continue;
      const { result } = request.settled;
      const codes = ['IDEMPOTENCY_STORE_UNAVAILABLE', 'IDEMPOTENCY_CONCURRENT_REQUEST'];
      if (request.plan.fingerprint !== kept.fingerprint) codes.push(MISMATCH);
      if (plan.status === 'unavailable') codes.push('IDEMPOTENCY_RESULT_UNAVAILABLE');
      if (plan.onError === 'SEAL') codes.push('IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED');
      const told =
        result.kind === 'answer' ? texts.includes(result.text) : isRefusal(result, codes);
      if (!told) return JSON.stringify(result);
    }
    return undefined;
  },

  'other arguments do not run beside or after an outcome': ({ entries, takenOver }) => {
    if (takenOver) return undefined;
    const other = entries.find((entry, index) =>
      entries.slice(0, index).some(({ fingerprint, end }) => {
        return fingerprint !== entry.fingerprint && end?.how !== 'failure';
      }),
    );
    return other && `entry ${other.id}`;
  },

  'a recorded step is not run again': ({ ledger, key }) => {
    const again = ledger.stepRuns.find((run) => {
      const claim = ledger.claims.find((line) => line.key === key && line.fence === run.fence);
      return ledger.stepRecords.some(
        (record) =>
          record.key === key &&
          run.key === key &&
          record.name === run.name &&
          record.state === 'value' &&
          record.order < (claim?.order ?? 0),
      );
    });
    return again?.name;
  },

  'a step that returned is not run again while its owner lives': (history) => {
    if (history.takenOver) return undefined;
    const runs = history.ledger.stepRuns.filter(({ key }) => key === history.key);
    const again = runs.find((run) => {
      return runs.some(({ name, process, returned, order }) => {
        const alive = returned && !history.ledger.dead.has(process);
        return name === run.name && alive && order < run.order;
      });
    });
    return again?.name;
  },

  'a step that may run once does': ({ ledger, key, plan }) => {
    const twice = plan.steps.findIndex((atMostOnce, index) => {
      const runs = ledger.stepRuns.filter((run) => run.key === key && run.name === `step ${index}`);
      return atMostOnce && runs.length > 1;
    });
    return twice === -1 ? undefined : `step ${twice}`;
  },

  'all attempts give the provider one key': ({ ledger, key }) => {
    const keysOf = (wanted: boolean): Set<string> =>
      new Set(
        ledger.effects
          .filter((effect) => (effect.key === key) === wanted)
          .map(({ downstreamKey }) => downstreamKey),
      );
    const own = keysOf(true);
    if (own.size > 1) return 'there were several';
    return [...own].some((used) => keysOf(false).has(used)) ? 'another key had it too' : undefined;
  },

  'nobody is alarmed for nothing': ({ ledger, key, plan }) => {
    const types = new Set(
      ledger.events.filter((event) => event.key === key).map(({ type }) => type),
    );
    if (types.has('unreadable')) return 'a record was called unreadable';
    // Whoever takes over without `recover` and has a failure erases the record: the slow owner
    // before it then finds nothing.
    const erased = plan.onCrash === 'RERUN' && plan.recover === undefined;
    return types.has('claimLost') && !erased ? 'a claim was called lost' : undefined;
  },

  'whoever takes over asks recover first': ({ entries, ledger, key, plan }) => {
    if (plan.recover === undefined) return undefined;
    const unasked = entries.find(({ fence, order }) => {
      const claim = ledger.claims.find((line) => line.key === key && line.fence === fence);
      const asked = ledger.lookUps.some(
        (lookUp) => lookUp.fence === fence && lookUp.reply === 'rerun' && lookUp.order < order,
      );
      return claim?.previous !== 'none' && !asked;
    });
    return unasked && `entry ${unasked.id}`;
  },

  'an answer is not stored only if the store could not be told': (history) => {
    const failures = history.ledger.events.filter(
      ({ key, type }) => key === history.key && type === 'notStored',
    );
    const unstored = history.requests.flatMap(answersOf).filter(({ stored }) => !stored);
    return unstored.length > failures.length ? `${unstored.length} times` : undefined;
  },

  'a request is answered in time': ({ requests, retries, plan, ledger, entries }) => {
    for (const request of [...requests, ...retries]) {
      const { settled, process, atMs } = request;
      if (ledger.dead.has(process)) continue;
      if (settled === undefined) return `a request to ${process} hangs`;
      const durations = [
        ...entries
          .filter((entry) => entry.request === request)
          .map(({ atMs: enteredAtMs, end }) => (end?.atMs ?? settled.atMs) - enteredAtMs),
        ...ledger.lookUps
          .filter((lookUp) => lookUp.request === request)
          .map(({ tookMs }) => tookMs),
      ];
      // The last look and the last begin; whoever claimed, a renewal in flight and the end.
      const questionsMs = (durations.length === 0 ? 2 : 4) * STORE_TIMEOUT_MS;
      const workMs = durations.reduce((sum, ms) => sum + ms, 0);
      const pausedMs = ledger.pausedMs.get(process) ?? 0;
      const allowedMs = plan.waitMs + workMs + questionsMs + pausedMs;
      const tookMs = settled.atMs - atMs;
      if (tookMs > allowedMs) return `it took ${tookMs} ms, not ${allowedMs} ms`;
    }
    return undefined;
  },

  'once all is well a retry is answered, or told the truth': (history) => {
    for (const { settled } of history.retries) {
      if (settled === undefined) return 'it hangs';
      const { result } = settled;
      if (!isRefusal(result, [MISMATCH]) && !isHonest(result, history))
        return JSON.stringify(result);
    }
    const last = history.retries.slice(-FINGERPRINTS.length);
    const fits = last.some(({ settled }) => settled && !isRefusal(settled.result, [MISMATCH]));
    return fits ? undefined : 'the key has no arguments that fit';
  },
};

const MISMATCH = 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH';

function answersOf({ settled }: RequestLine): Extract<Result, { kind: 'answer' }>[] {
  return settled?.result.kind === 'answer' ? [settled.result] : [];
}

/**
 * Answers that were given while the store could not be told: where others may take over and end
 * otherwise, they bind nobody. Duplicates in the same process were given them too.
 */
function unboundTexts({ requests, takenOver }: KeyHistory): string[] {
  const unstored = requests.flatMap(answersOf).filter(({ stored }) => !stored);
  return takenOver ? unstored.map(({ text }) => text) : [];
}

function isRefusal(result: Result, codes: readonly string[]): boolean {
  return result.kind === 'refused' && codes.includes(result.code);
}

/** Whether a retry, with nothing to disturb it, could not have been told more. */
function isHonest(result: Result, { plan, ledger, key, takenOver, entries }: KeyHistory): boolean {
  if (result.kind === 'answer') return true;
  const provided = ledger.effects.some((effect) => effect.key === key);
  if (result.kind === 'failure') return provided && result.message === OTHER_ARGUMENTS;
  const died = ledger.claims.some((claim) => {
    return claim.key === key && !claim.ended && ledger.dead.has(claim.process);
  });
  const stepUnknown = plan.steps.some((atMostOnce, index) => {
    const states = ledger.stepRecords
      .filter((record) => record.key === key && record.name === `step ${index}`)
      .map(({ state }) => state);
    return atMostOnce && states.includes('started') && !states.includes('value');
  });
  switch (result.code) {
    case 'IDEMPOTENCY_OUTCOME_UNKNOWN':
      return stepUnknown || (died && !takenOver);
    case 'IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED':
      return plan.onError === 'SEAL' && entries.some(({ end }) => end?.sealable);
    case 'IDEMPOTENCY_RESULT_UNAVAILABLE':
      return plan.status === 'unavailable';
    default:
      return false;
  }
}
