/** The points in the life of a request at which a worker can be hit. */
export const POINTS = [
  'before-begin',
  'begin-sent',
  'claimed',
  'before-effect',
  'after-effect',
  'before-complete',
  'complete-sent',
  'completed',
  'before-response',
] as const;

/** Further places inside a resolver with steps: after the effect of a step, after its record. */
export const STEP_POINTS = [1, 2, 3, 4, 5].flatMap(
  (step) => [`step-${String(step)}-ran`, `step-${String(step)}-recorded`] as const,
);

/** Further places in a commit around the resolver. */
export const COMMIT_POINTS = ['before-commit', 'committed'] as const;

/** Further places in `execution.transaction`. */
export const TRANSACTION_POINTS = [
  'before-transaction',
  'row-claimed',
  'in-body',
  'before-commit',
  'commit-sent',
  'transaction-committed',
] as const;

/**
 * Kinds of faults: the process ends at once; it stops until the driver continues it, past its
 * lease; its event loop is blocked past its lease; it stops as before, and what it was doing fails when it
 * continues; what it was doing fails.
 */
export const ACTIONS = ['kill', 'stop', 'block', 'collapse', 'fail'] as const;

export type Action = (typeof ACTIONS)[number];

/** A fault that travels with a request, as in `kill@after-effect`. */
export interface Fault {
  readonly action: Action;
  readonly point: string;
}

/** Writes a fault as a header value. */
export function formatFault({ action, point }: Fault): string {
  return `${action}@${point}`;
}

/** Reads what {@link formatFault} wrote. */
export function parseFault(text: string): Fault {
  const [name, point] = text.split('@');
  const action = ACTIONS.find((known) => known === name);
  if (action === undefined || point === undefined) throw new Error(`"${text}" is not a fault.`);
  return { action, point };
}
