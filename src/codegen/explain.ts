import { IDEMPOTENT } from '../graphql/schema/directive.js';
import { RESERVED_NAME } from './keys/reserved-name.js';

/** The messages: a problem, and its remedy. */
export const explain = {
  noMarks:
    `The schema marks no mutation with @${IDEMPOTENT}. An introspection result, from a URL or a ` +
    'JSON file, has no uses of directives: let "schema" name the SDL of the server.',

  misplaced: 'Remove it, or mark the mutation in the schema.',

  anonymous:
    'The client knows operations by their names, and this one, which selects idempotent ' +
    'mutations, has none. Name it.',

  duplicateName: (name: string): string =>
    `Something else is named "${name}" as well. Rename one of them.`,

  reservedName: `"${RESERVED_NAME}" cannot be looked up in JavaScript. Choose another name.`,

  tooManyFields: (count: number, max: number): string =>
    `This operation selects ${count} idempotent mutations, and the server takes ${max} in one ` +
    'request. Split it, or raise fieldsMax here and in the server.',

  missingFragment: (name: string): string =>
    `The fragment "${name}" is not among the documents of this output, so its mutations are not ` +
    'known. Generate one file from all documents.',

  literal:
    'A key that is written into the document is the same for every intent, and all of them would ' +
    `get one answer. Use a variable, as in @${IDEMPOTENT}(key: $key), and leave it to the client.`,

  defaultKey: (variable: string): string =>
    `The default value of $${variable} is one key for every intent, and all of them would get one ` +
    'answer. Remove it.',

  unreachable: `No key can be put into this value. Give it a variable: @${IDEMPOTENT}(key: $key).`,

  undeclared: (variable: string): string =>
    `$${variable} carries a key, but the operation does not declare it. Declare it.`,

  notExecutable:
    `The schema does not allow @${IDEMPOTENT} in documents, so the server refuses this one. Its ` +
    'definition must say FIELD | FIELD_DEFINITION, as in idempotentTypeDefs.',

  differentVariables: (responseKey: string, [one = '', other = '']: readonly string[]): string =>
    `"${responseKey}" is one field, but takes its key from $${one} and from $${other}. Use one.`,

  skippedKey: (responseKey: string, variable: string): string =>
    `@skip or @include may leave out the selection of "${responseKey}" that has the key, while this ` +
    `one stays. Write @${IDEMPOTENT}(key: $${variable}) here as well.`,

  ambiguous: (responseKey: string, mutation: string, count: number): string =>
    `The operation selects ${mutation} ${count} times, and "${responseKey}" has no variable for ` +
    'its key. One Idempotency-Key header cannot stand for several requests: give each a variable ' +
    `of its own, as in @${IDEMPOTENT}(key: $${responseKey}Key).`,

  headerBesideKeys: (responseKey: string, repeated: string): string =>
    `"${responseKey}" has no variable for its key and needs the Idempotency-Key header, but that ` +
    `counts for every field, and ${repeated} is selected several times with a key each. Give ` +
    `"${responseKey}" a variable: @${IDEMPOTENT}(key: $${responseKey}Key).`,

  sharedVariable: ([one = '', other = '']: readonly string[], place: string): string =>
    `"${one}" and "${other}" need different keys, but $${place} would give both the same. Give ` +
    `each a variable of its own, as in @${IDEMPOTENT}(key: $${other}Key).`,
} as const;
