import { idempotentTypeDefs } from '../../src/index.js';
import { buildSchema, introspectionFromSchema } from 'graphql';
import { SDL } from './generate.js';
import { createProject, type Project } from './project.js';

const SCHEMA = `${idempotentTypeDefs}\n${SDL}`;
const CONFIG = `
schema: schema.graphql
documents: src/**/*.{graphql,ts}
generates:
  src/generated/idempotency.ts:
    plugins:
      - graphql-idempotency/codegen
  src/generated/:
    preset: client
`;

let project: Project;

afterEach(() => {
  project.remove();
});

/** The problems that the code generator printed. */
const problems = (output: string): string[] => [
  ...new Set(Array.from(output.matchAll(/^ {2}- (\S+: .*?)\]?$/gm), ([, line = '']) => line)),
];

describe('beside the client preset, the code generator', () => {
  it('makes a map that a client of strict types takes', async () => {
    project = createProject({
      'schema.graphql': SCHEMA,
      'codegen.yml': CONFIG.replace('generates:', 'config: { strictScalars: true }\ngenerates:'),
      'src/pay.graphql':
        'mutation Pay($i: PayInput!, $k: String) { pay(input: $i, idempotencyKey: $k) }',
      'src/refund.ts': `
        import { graphql } from './generated/gql.js';
        export const Refund = graphql(\`
          mutation Refund($input: RefundInput!) { money: refund(input: $input) { ...Who } ping }
        \`);
        export const Who = graphql(\`fragment Who on User { name }\`);
      `,
      'src/main.ts': `
        import type { IdempotentOperations } from 'graphql-idempotency/client';
        import { PayDocument, RefundDocument } from './generated/graphql.js';
        import { idempotentOperations, type IdempotentOperationName } from './generated/idempotency.js';

        export const operations: IdempotentOperations = idempotentOperations;
        export const names: Record<IdempotentOperationName, object> = {
          Pay: PayDocument,
          Refund: RefundDocument,
        };
        export const path: 'input.idempotencyKey' = idempotentOperations.Refund.fields.money.key[0];
        export const header: 'header' = idempotentOperations.Refund.fields.ping.key;
        // @ts-expect-error there is no such operation
        export const other: IdempotentOperationName = 'Rename';
      `,
    });
    expect(await project.codegen()).toMatchObject({ code: 0 });
    expect(project.read('src/generated/idempotency.ts')).toContain(
      "    fields: { pay: { mutation: 'Mutation.pay', key: ['k'] } },\n" +
        '  },\n' +
        '  Refund: {\n' +
        '    idempotent: true,\n' +
        '    ttlSeconds: 86400,\n' +
        '    fields: {\n' +
        "      money: { mutation: 'Mutation.refund', key: ['input.idempotencyKey'] },\n" +
        "      ping: { mutation: 'Mutation.ping', key: 'header' },\n" +
        '    },\n' +
        '  },\n',
    );
    expect(await project.tsc('src/main.ts')).toEqual({ code: 0, output: '' });
    expect(await project.codegen('--check')).toMatchObject({ code: 0 });
    project.write({ 'src/more.graphql': 'mutation More { ping }' });
    expect((await project.codegen('--check')).output).toContain('src/generated/idempotency.ts');
  });

  it('reads the marks of subgraphs, whose gateway shows none', async () => {
    const link =
      'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])';
    project = createProject({
      'subgraphs/payments.graphql': `${idempotentTypeDefs}
        ${link}
        type Payment @key(fields: "id") { id: ID! payer: User! }
        type User @key(fields: "id", resolvable: false) { id: ID! }
        type Query { payment(id: ID!): Payment }
        type Mutation { pay(amount: Int!): Payment! @idempotent }`,
      'subgraphs/users.graphql': `
        ${link}
        directive @idempotent(key: String) on FIELD
        type User @key(fields: "id") { id: ID! name: String! }
        type Query { me: User }
        type Mutation { rename(name: String!): User }`,
      'codegen.yml': CONFIG.replace('schema.graphql', 'subgraphs/*.graphql').replace(
        / {2}src.generated.:[^]*/,
        '',
      ),
      'src/pay.graphql': `
        mutation Pay($k: String) { pay(amount: 1) @idempotent(key: $k) { payer { name } } }
        mutation Rename { rename(name: "x") { id } }`,
    });
    expect(await project.codegen()).toMatchObject({ code: 0 });
    expect(project.read('src/generated/idempotency.ts')).toContain(
      "    fields: { pay: { mutation: 'Mutation.pay', key: ['k'] } },\n  },\n} as const;",
    );
  });

  it('takes fragments, but no operations, from documents of others', async () => {
    project = createProject({
      'schema.graphql': SCHEMA,
      'codegen.yml': CONFIG.replace(
        / {2}src.generated.:[^]*/,
        'externalDocuments: lib/*.graphql\n',
      ),
      'lib/all.graphql': 'mutation Theirs { ping } fragment Lent on Mutation { ping }',
      'src/ours.graphql': 'mutation Ours { ...Lent }',
    });
    expect(await project.codegen()).toMatchObject({ code: 0 });
    expect(project.read('src/generated/idempotency.ts')).toContain(
      'export const idempotentOperations = {\n  Ours: {\n' +
        '    idempotent: true,\n    ttlSeconds: 86400,\n' +
        "    fields: { ping: { mutation: 'Mutation.ping', key: 'header' } },\n  },\n} as const;",
    );
  });

  it('refuses mistakes with their places, in files of GraphQL and in programs', async () => {
    project = createProject({
      'schema.graphql': SCHEMA,
      'codegen.yml': CONFIG,
      'src/one.graphql': '# Pays.\n\nmutation One {\n  ping @idempotent(key: "x")\n}\n',
      'src/deep/two.ts': [
        "import { gql } from 'graphql-tag';",
        "const who = gql`fragment Who on User { name }`, x = 'mutation Two {';",
        '',
        '  export const two = gql`mutation Two { a: ping',
        '    b: ping @idempotent(key: "y") }`;',
        'export const three = gql`',
        '  ${who}',
        '  # A \\` within',
        '  mutation Three($k: String = "z") { ping @idempotent(key: $k) refund { ...Who } }',
        '  ${x}  ${',
        '  who}',
        '  mutation Four { send ${""} @idempotent(key: "w") }',
        '`;',
      ].join('\r\n'),
    });
    const { code, output } = await project.codegen();
    expect(code).toBe(1);
    expect(problems(output).map((line) => line.slice(0, 60))).toEqual([
      'src/deep/two.ts:12:47: A key that is written into the docume',
      'src/one.graphql:4:25: A key that is written into the documen',
      'src/deep/two.ts:9:31: The default value of $k is one key for',
      'src/deep/two.ts:5:30: A key that is written into the documen',
      'src/deep/two.ts:4:41: The operation selects Mutation.ping 2 ',
      'src/deep/two.ts:5:5: The operation selects Mutation.ping 2 t',
    ]);
    expect(() => project.read('src/generated/idempotency.ts')).toThrow('ENOENT');
  });

  it('refuses what is wrong with the schema and the configuration', async () => {
    const introspection = introspectionFromSchema(buildSchema(SCHEMA));
    project = createProject({
      'schema.json': JSON.stringify(introspection),
      'codegen.yml': CONFIG.replace('schema.graphql', 'schema.json'),
      'schema.graphql': SCHEMA,
      'options.yml': CONFIG.replace('codegen\n', 'codegen:\n          keyArgument: token\n'),
      'src/pay.graphql':
        'mutation ($i: PayInput!, $k: String) { pay(input: $i, idempotencyKey: $k) }',
    });
    expect((await project.codegen()).output).toContain(
      'The schema marks no mutation with @idempotent. An introspection result, from a URL or a JSON file,',
    );
    expect((await project.codegen('--config', 'options.yml')).output).toContain(
      'There is no option "keyArgument"; there are argument, fieldsMax and ttlSeconds.',
    );
    project.write({ 'codegen.yml': CONFIG });
    expect((await project.codegen()).output).toContain(
      'src/pay.graphql:1:1: The client knows operations by their names',
    );
  });
});
