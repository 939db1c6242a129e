// The words in capitals of record.pml.

/** What is looked at. Each is checked only where a variant names it. */
export const PROPERTIES = Object.freeze({
  ONCE: 'at most one effect is applied',
  SAME: 'no two clients are given different answers',
  ACKNOWLEDGED: 'who claims after an answer was given does not enter the resolver',
  ALONE: 'one resolver runs at a time',
  FREED: 'when all have ended and nobody died, no claim is left held',
  KEPT: 'when all have ended and nobody died, an effect has its outcome stored',
  SETTLED: 'when all have ended, a retry without faults ends with an answer',
  MEMORISED: 'a recorded step is not run by later claims, and has one result for all',
  FENCES: 'every claim has a larger fence than all before it',
});

/** What must be possible, or a variant would hold for want of anything happening. */
export const WITNESSES = Object.freeze({
  HAPPENS_REPLAYED: 'a request is answered from the record',
  HAPPENS_LATE: 'an outcome is stored after all, once called unknown',
  HAPPENS_GIVEN_BACK: 'an owner completes a record that was given back to it',
  HAPPENS_PUT_BACK: 'an outcome is stored where the record had vanished',
  HAPPENS_RECOVERED: 'recover finds the effect of an earlier attempt',
  HAPPENS_MEMORISED: 'a resolver goes on with an earlier result of its step',
});

/** What can be turned on. */
export const SWITCHES = Object.freeze({
  // Faults.
  LOST_REPLIES: 'replies are lost: commands are sent again, or their callers give up',
  STORE_AWAY: 'an outcome cannot be stored for a while: its client is answered before it is',
  FAILURES: 'the resolver turns requests down, or fails, before its effect',
  FAILURES_AFTER: 'the resolver fails after its effect',
  CRASHES: 'processes die, for variants that ask how things end',
  CLOCK_STEPS_BACK: "Redis's clock steps back once",

  // Around the record.
  SEALS: 'onError: SEAL instead of RELEASE',
  DEDUPLICATES: 'whoever applies the effect does it once per downstream key',
  OWN_ANSWERS: 'and yet every run has an answer of its own',
  LEDGER_FENCES: 'whoever applies the effect refuses smaller fences than it has seen',
  LOOKUP_FENCES: 'and sees the fence of a recover that looks for an effect',
  LEASES_HOLD: 'no lease lapses before the resolver of its owner has ended',
  STEPS: 'the resolver is one memorised step',
  AT_MOST_ONCE: 'and that step must not run twice',

  // Waiting for replicas, once FAILOVERS are more than 0.
  WAIT_CLAIM: 'before the resolver runs',
  WAIT_OUTCOME: 'before an outcome is answered',
  WAIT_REPLAY: 'before a stored outcome is answered',
  WAIT_STEP: 'before a step runs after its mark, and before anything follows its result',

  // Mistakes.
  COMPLETE_IS_BLIND: 'complete is a SET, whatever is there',
  LATE_IS_REFUSED: 'complete is refused when the lease has lapsed',
  NOT_PUT_BACK: 'complete does nothing when the record has vanished',
  ERASE_IGNORES_OWNER: 'erase and withdraw are a DEL, whatever is there',
  RELEASE_IGNORES_OWNER: 'release does not compare owners',
  WITHDRAW_ERASES: 'withdraw deletes the record of earlier attempts',
  TURNED_DOWN_ERASES: 'a request that is turned down deletes the record of earlier attempts',
  FAILURE_ERASES: 'a failure is forgotten although there is a recover',
  RESENT_AS_NEW: 'a claim is sent again under a new owner token',
  NO_WITHDRAWAL: 'a claim whose reply was lost is not withdrawn',
  NO_DEADLINE: 'a claim that comes after its withdrawal is made',
  WAIT_IS_BLIND: 'a WAIT counts without a look at what its node holds',
  STEP_IGNORES_OWNER: 'recording a step does not compare owners',
  MARK_AFTERWARDS: 'an at-most-once step is marked after it ran',
  STEPS_ARE_ERASED: 'release deletes a record that has steps',
  MARKS_ARE_ERASED: 'release deletes a record that has marks',
  FENCE_IS_CLOCK: "a fence is Redis's time alone",
  FENCE_IS_COUNTED: 'a fence is one more than the one in the record alone',
});
