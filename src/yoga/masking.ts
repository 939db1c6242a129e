import { GraphQLError, type GraphQLFormattedError } from 'graphql';

/** Formats an error as a client sees it. */
export type FormatError = (error: GraphQLError) => GraphQLFormattedError;

/** Yoga's `maskedErrors`, once it has been completed. */
interface MaskedErrors {
  readonly errorMessage: string;
  readonly maskError: (error: unknown, message: string, isDev?: boolean) => unknown;
  readonly isDev?: boolean;
}

/** The masking of errors by a Yoga server; `undefined` if it masks none. */
export function maskingOf(yoga: object): FormatError | undefined {
  const { maskedErrorsOpts: masking } = yoga as { readonly maskedErrorsOpts?: MaskedErrors | null };
  if (masking === undefined || masking === null) return undefined;
  return (error) => {
    const masked = masking.maskError(error, masking.errorMessage, masking.isDev);
    // Of a text, or of what is no GraphQLError, clients get the message.
    if (masked instanceof GraphQLError) return masked.toJSON();
    return { message: masked instanceof Error ? masked.message : masking.errorMessage };
  };
}
