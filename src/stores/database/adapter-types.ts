/** A function of a library, whatever it takes: its own types are what the body is given. */
export type AnyFunction = (...given: never[]) => unknown;

/** The argument that a function gives to the body that it takes. */
export type GivenToBody<TBody> = TBody extends (given: infer TGiven, ...others: never[]) => unknown
  ? TGiven
  : never;
