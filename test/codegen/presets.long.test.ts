import { idempotentTypeDefs } from '../../src/index.js';
import { SDL } from './generate.js';
import { createProject, type Project } from './project.js';

const MAP = 'src/generated/idempotency.ts';
const CONFIG = `
schema: schema.graphql
documents: src/**/*.graphql
generates:
  ${MAP}:
    plugins:
      - graphql-idempotency/codegen
`;
/** What stands beside the map, as users write it, and the module that exports the typed documents. */
const OUTPUTS = {
  'the client preset': {
    documents: './generated/graphql.js',
    outputs: `
  src/generated/:
    preset: client
`,
  },
  'near-operation-file': {
    documents: './pay.generated.js',
    outputs: `
  src/generated/types.ts:
    plugins:
      - typescript
  src/:
    preset: near-operation-file
    presetConfig:
      baseTypesPath: generated/types.ts
      importTypesNamespace: Types
    config:
      importExtension: .js
    plugins:
      - typescript-operations
      - typed-document-node
`,
  },
  // Without the plugin typescript: in one file, both would declare the input types.
  'typed-document-node': {
    documents: './generated/documents.js',
    outputs: `
  src/generated/documents.ts:
    plugins:
      - typescript-operations
      - typed-document-node
`,
  },
} as const;

let project: Project;

afterEach(() => {
  project.remove();
});

describe('the map', () => {
  it.each(Object.entries(OUTPUTS))(
    'tells what is idempotent, how the key travels and for how long, beside %s',
    async (_, { documents, outputs }) => {
      project = createProject({
        'schema.graphql': `${idempotentTypeDefs}\n${SDL.replace(
          'ping(note: String): String @idempotent',
          'ping(note: String): String @idempotent(ttlSeconds: 60)',
        )}`,
        'codegen.yml': CONFIG + outputs.slice(1),
        'src/pay.graphql': `
          mutation Pay($i: PayInput!, $k: String) { pay(input: $i, idempotencyKey: $k) }
          mutation Ping { ping }
          mutation Mixed { ping rename(name: "x") { name } }
          query Me { me { name } }`,
        'src/main.ts': `
          import type { IdempotentOperations } from 'graphql-idempotency/client';
          import { MeDocument, PayDocument, PingDocument } from '${documents}';
          import { idempotentOperations } from './generated/idempotency.js';

          export const operations: IdempotentOperations = idempotentOperations;
          export const sent = [MeDocument, PayDocument, PingDocument];
        `,
      });
      expect(await project.codegen()).toMatchObject({ code: 0 });
      const map = project.read(MAP);
      expect(map).toContain(`export const idempotentOperations = {
  Mixed: {
    idempotent: false,
    ttlSeconds: 60,
    fields: { ping: { mutation: 'Mutation.ping', key: 'header' } },
  },
  Pay: {
    idempotent: true,
    ttlSeconds: 86400,
    fields: { pay: { mutation: 'Mutation.pay', key: ['k'] } },
  },
  Ping: {
    idempotent: true,
    ttlSeconds: 60,
    fields: { ping: { mutation: 'Mutation.ping', key: 'header' } },
  },
} as const;`);
      expect(map).toContain("new Set([\n  'Me',\n  'Pay',\n  'Ping',\n])");
      expect(await project.tsc('src/main.ts')).toEqual({ code: 0, output: '' });
    },
  );
});
