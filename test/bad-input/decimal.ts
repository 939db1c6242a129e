import { GraphQLScalarType } from 'graphql';

/** A decimal as libraries make them: only its scalar knows what it means. */
export class Decimal {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** That scalar. */
export const decimalScalar = new GraphQLScalarType({
  name: 'Decimal',
  serialize: String,
  parseValue: (text) => new Decimal(String(text)),
});
