import { runInNewContext } from 'node:vm';
import { codegen } from '@graphql-codegen/core';
import { buildASTSchema, parse, Source } from 'graphql';
import { ModuleKind, transpileModule } from 'typescript';
import * as idempotency from '../../src/codegen/index.js';
import { idempotentTypeDefs } from '../../src/index.js';

/** The name under which a configuration knows the plugin. */
const PLUGIN = 'graphql-idempotency/codegen';

/** Marked mutations whose keys may stand in every place that there is. */
export const SDL = `
  type Query { ok: String, me: User }
  type User { name: String }
  interface Payments { pay(input: PayInput!, idempotencyKey: String): String }
  type Mutation implements Payments {
    pay(input: PayInput!, idempotencyKey: String): String @idempotent
    refund(input: RefundInput, note: String): User @idempotent(onCrash: RERUN)
    book(request: BookInput!): String @idempotent(argument: "request.meta.requestId")
    ping(note: String): String @idempotent
    send(token: ID, text: String): String @idempotent
    rename(name: String): User
  }
  input PayInput { amount: Int! }
  input RefundInput { amount: Int, idempotencyKey: String }
  input BookInput { room: Int, meta: BookMeta }
  input BookMeta { requestId: ID, source: String }
`;

/** How {@link generate} differs from a schema of SDL and one document. */
export interface GenerateOptions {
  /** Without the directive's definition. */
  readonly sdl?: string;
  readonly directive?: string;
  /** What the output's plugins share. */
  readonly shared?: Readonly<Record<string, unknown>>;
  /** What is configured for the plugin alone. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Leaves out what the generator itself checks. */
  readonly skipDocumentsValidation?: boolean;
}

/** Runs the code generator with documents by file name, or with one that is `pay.graphql`. */
export async function generate(
  documents: string | Readonly<Record<string, string>>,
  options: GenerateOptions = {},
): Promise<string> {
  const { sdl = SDL, directive = idempotentTypeDefs, shared = {}, config = {} } = options;
  const schema = parse(`${directive}\n${sdl}`);
  const files = typeof documents === 'string' ? { 'pay.graphql': documents } : documents;
  return codegen({
    filename: 'idempotency.ts',
    schema,
    schemaAst: buildASTSchema(schema),
    documents: Object.entries(files).map(([location, text]) => ({
      location,
      document: parse(new Source(text, location)),
    })),
    plugins: [{ [PLUGIN]: config }],
    pluginMap: { [PLUGIN]: idempotency },
    config: { ...shared },
    ...(options.skipDocumentsValidation === true ? { skipDocumentsValidation: true } : {}),
  });
}

/** What a generated file exports. */
export function load(text: string): Record<string, unknown> {
  const { outputText } = transpileModule(text, {
    compilerOptions: { module: ModuleKind.CommonJS },
  });
  const exports = {};
  runInNewContext(outputText, { exports });
  return exports;
}

/** The map that is generated, on one line: the order of its keys counts. */
export async function generatedMap(
  documents: string | Readonly<Record<string, string>>,
  options: GenerateOptions = {},
): Promise<string> {
  return JSON.stringify(load(await generate(documents, options))['idempotentOperations']);
}

/** The problems that keep documents from being generated, one a line. */
export async function problemsOf(
  documents: string | Readonly<Record<string, string>>,
  options: GenerateOptions = {},
): Promise<readonly string[]> {
  try {
    await generate(documents, options);
  } catch (error) {
    const [title, ...lines] = (error as Error).message.split('\n');
    expect(title).toBe('graphql-idempotency/codegen refuses to generate:');
    return lines.map((line) => line.replace(/^ {2}- /, ''));
  }
  return [];
}
