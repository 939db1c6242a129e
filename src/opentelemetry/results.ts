import type { IdempotencyEvent } from '../core/events.js';

/** The result of a request to a marked field. */
export type RequestResult =
  | 'executed'
  | 'recovered'
  | 'replayed'
  | 'rejected'
  | 'released'
  | 'declined'
  | 'sealed'
  | 'unprotected';

/** The result of a request, if the event has one. */
export function resultOf(event: IdempotencyEvent): RequestResult | undefined {
  switch (event.type) {
    case 'executed':
    case 'recovered':
    case 'replayed':
    case 'rejected':
    case 'sealed':
      return event.type;
    case 'released':
      return event.declined ? 'declined' : 'released';
    case 'missingKey':
      return event.refused ? undefined : 'unprotected';
    default:
      return undefined;
  }
}

/** Something that an operator counts, if the event says so. */
export function incidentOf(event: IdempotencyEvent): string | undefined {
  switch (event.type) {
    case 'takeover':
    case 'stale':
    case 'unprotected':
    case 'unreadable':
    case 'mismatch':
    case 'unfinished':
      return event.type;
    case 'recoverFailed':
      return 'recover_failed';
    case 'transactionFound':
      return 'transaction_found';
    case 'unavailable':
      return 'result_unavailable';
    case 'claimLost':
      return 'claim_lost';
    case 'storeFailure':
      return 'store_failure';
    case 'storeSetting':
      return 'store_setting';
    case 'missingKey':
      return 'missing_key';
    case 'notStored':
      return event.final ? 'outcome_lost' : 'not_stored';
    case 'claimed':
    case 'waited':
    case 'executed':
    case 'recovered':
    case 'replayed':
    case 'released':
    case 'sealed':
    case 'rejected':
      return undefined;
    default:
      return event satisfies never;
  }
}
