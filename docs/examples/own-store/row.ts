import type { RecordState, RecordedStep } from 'graphql-idempotency';

/** A record as the table has it: all but the payload of an outcome in JSON. */
export interface Row {
  readonly record: string;
  readonly payload: Uint8Array | null;
  readonly expiresAtMs: number;
}

/** The row of a record. */
export function rowOf(state: RecordState): Row {
  const { expiresAtMs } = state;
  if (state.kind === 'outcome') {
    const { payload, ...record } = state;
    return { record: JSON.stringify(record), payload: Buffer.from(payload), expiresAtMs };
  }
  const steps = [...state.steps].map(([name, { state: reached, payload }]) => {
    return [name, reached, Buffer.from(payload).toString('base64')];
  });
  return { record: JSON.stringify({ ...state, steps }), payload: null, expiresAtMs };
}

/** The record of a row. */
export function stateOf({ record, payload }: Row): RecordState {
  const state = JSON.parse(record) as RecordState;
  if (state.kind === 'outcome') return { ...state, payload: new Uint8Array(payload ?? []) };
  const steps = state.steps as unknown as readonly [string, RecordedStep['state'], string][];
  return {
    ...state,
    steps: new Map(
      steps.map(([name, reached, value]) => {
        return [name, { state: reached, payload: Buffer.from(value, 'base64') }];
      }),
    ),
  };
}
