export { aesGcmCipher } from './core/crypto/aes-gcm.js';
export type { AesGcmCipherOptions } from './core/crypto/aes-gcm.js';
export type { Cipher } from './core/crypto/cipher.js';
export type { DigestSecret } from './core/crypto/digest.js';
export { IdempotencyError } from './core/errors.js';
export type { IdempotencyErrorCode, IdempotencyErrorOptions } from './core/errors.js';
export { EVENTS_CHANNEL } from './core/events.js';
export type {
  AboutAttempt,
  AboutOutcome,
  AboutRecord,
  EventListener,
  IdempotencyEvent,
} from './core/events.js';
export type { Execution, StepOptions } from './core/engine/attempt/execution.js';
export type { TransactionOptions, TransactionTry } from './core/database/transaction-options.js';
export type { IdempotentDatabase } from './core/database/idempotent-database.js';
export type { Clock } from './core/async/clock.js';
export { IDEMPOTENCY_DEFAULTS } from './core/options/options.js';
export type {
  IdempotencyOptions,
  IdempotencyPolicy,
  IdempotencyPolicyOptions,
  OnCrash,
  OnError,
  Recover,
  RecoverReply,
  RecoverRequest,
  Redact,
  StoredProperty,
} from './core/options/options.js';
export type {
  ChangeReply,
  ForgetRequest,
  InspectedAttempt,
  Inspection,
  RecordAdmin,
  SettleRequest,
  Settlement,
} from './core/record/record-admin.js';
export { recordMachine } from './core/record/record-machine.js';
export type {
  AttemptState,
  Found,
  OutcomeState,
  RecordState,
  Transition,
} from './core/record/record-state.js';
export type {
  LapsePolicy,
  OutcomeStatus,
  RecordedStep,
  StepState,
  StoredOutcome,
} from './core/record/record.js';
export type {
  BeginReply,
  BeginRequest,
  Claimed,
  Completed,
  CompleteReply,
  CompleteRequest,
  IdempotencyStore,
  Lapsed,
  Mismatch,
  PeekReply,
  PeekRequest,
  ReleaseMode,
  ReleaseReply,
  ReleaseRequest,
  RenewReply,
  RenewRequest,
  Running,
  StepReply,
  StepRequest,
  StoreCheck,
  Unreadable,
  Vacant,
} from './core/record/store.js';
export type { FieldSpan, Telemetry } from './core/telemetry.js';
export type { TraceContext } from './core/trace-context.js';
export { createIdempotency } from './graphql/create-idempotency.js';
export type { Idempotency, IdempotentRequest } from './graphql/create-idempotency.js';
export type { IdempotentResponse } from './graphql/idempotent-response.js';
export type { RequestHeaders } from './graphql/request/request-headers.js';
export { idempotentDirective, idempotentTypeDefs } from './graphql/schema/directive.js';
export { idempotentField } from './graphql/schema/idempotent-field.js';
export type {
  IdempotentField,
  IdempotentFieldPolicy,
  MutationResolver,
} from './graphql/schema/idempotent-field.js';
export type {
  ApolloRequestLike,
  ApolloResponseLike,
  ApolloServerLike,
  IdempotencyExecutionListener,
  IdempotencyPlugin,
  IdempotencyRequestListener,
  IdempotencyServerListener,
} from './graphql/apollo-plugin.js';
export { idempotencyPlugin } from './graphql/plugin.js';
export { idempotencyOf } from './graphql/schema/registry.js';
export { applyIdempotency } from './graphql/schema/wrap-field.js';
export { MemoryStore } from './stores/memory-store.js';
export type { MemoryStoreOptions } from './stores/memory-store.js';
