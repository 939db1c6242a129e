/** What the codec cannot see in a value itself. It is found by the object it speaks of. */
export type Annotation =
  /** What became of a promise. */
  | { readonly kind: 'promise'; readonly state: 'fulfilled' | 'rejected'; readonly value: unknown }
  /** The object's data, and what a replay has to know about it. */
  | {
      readonly kind: 'object';
      readonly data: Readonly<Record<string, unknown>>;
      /** The concrete type that was found for it. */
      readonly typeName: string | undefined;
      /** The registered class that it is an instance of. */
      readonly className: string | undefined;
    }
  /** The value of a scalar whose class only that scalar knows. */
  | { readonly kind: 'leaf'; readonly scalar: string; readonly serialized: unknown };

/** Annotations by object. */
export type Annotations = ReadonlyMap<object, Annotation>;

/** What brings annotated objects back. */
export interface Revival {
  /** Told the concrete type of an object that had one. */
  onTyped(object: object, typeName: string): void;
  /**
   * An instance without data.
   *
   * @throws if there is no such class any more
   */
  createInstance(className: string): object;
  /**
   * The scalar's internal value.
   *
   * @throws if there is no such scalar any more
   */
  parseScalar(scalar: string, serialized: unknown): unknown;
}
