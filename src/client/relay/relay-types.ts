/** The part of Relay's `RequestParameters` that is used. */
export interface RelayRequest {
  readonly name: string;
  readonly operationKind: string;
  /** The document. Null for a persisted operation, which has an `id`. */
  readonly text: string | null;
  readonly id: string | null;
}

/** Relay's `CacheConfig`: what `commitMutation` was given under that name. */
export interface RelayCacheConfig {
  /** The application's own entries, and those of `intentConfig`. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** The third argument of the function that is wrapped: Relay's, and the headers to send. */
export interface RelayFetchContext extends RelayCacheConfig {
  /** Send these: the key of a mutation whose key travels in the header. Empty for all others. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Takes what a {@link RelaySubscribable} emits. */
export interface RelayObserver<T> {
  /** Takes an answer. */
  readonly next?: ((value: T) => void) | undefined;
  /** Learns that no more comes, because of an error. */
  readonly error?: ((error: Error) => void) | undefined;
  /** Learns that no more comes. */
  readonly complete?: (() => void) | undefined;
}

/** A subscription to a {@link RelaySubscribable}. */
export interface RelaySubscription {
  /** Stops listening. */
  unsubscribe(): void;
  /** Whether nothing more comes. */
  readonly closed: boolean;
}

/** An observable, as Relay accepts it. */
export interface RelaySubscribable<T> {
  /** Begins the work, and emits what comes of it. */
  subscribe(observer: RelayObserver<T>): RelaySubscription;
}

/** The result of a network's fetch function. */
export type RelayResult<T> = T | Promise<T> | RelaySubscribable<T>;

/** A fetch function of a Relay network, in the types of what it is given as its third argument. */
export type RelayFetchFunction<TContext, TResponse> = (
  request: RelayRequest,
  variables: Readonly<Record<string, unknown>>,
  cacheConfig: TContext,
  uploadables?: Readonly<Record<string, Blob>> | null,
) => RelayResult<TResponse>;
