/** A function of a library, whatever it takes: its own types are what the body is given. */
export type AnyFunction = (...given: never[]) => unknown;

/** What a function that takes a body gives that body. */
export type GivenToBody<TBody> = TBody extends (given: infer TGiven, ...others: never[]) => unknown
  ? TGiven
  : never;
