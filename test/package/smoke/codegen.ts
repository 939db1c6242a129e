// needs: graphql
import assert from 'node:assert/strict';
import { buildSchema, parse } from 'graphql';
import { plugin, type IdempotencyCodegenConfig } from 'graphql-idempotency/codegen';

const schema = buildSchema(`
  directive @idempotent(key: String) on FIELD | FIELD_DEFINITION
  type Query { ping: Int }
  type Mutation { pay(idempotencyKey: String): Int @idempotent }
`);
const document = parse('mutation Pay($key: String) { pay(idempotencyKey: $key) }');
const config: IdempotencyCodegenConfig = { fieldsMax: 2 };
const output = plugin(schema, [{ document, location: 'pay.graphql' }], config);
assert.match(output, /fields: \{ pay: \{ mutation: 'Mutation\.pay', key: \['key'\] \} \}/);
