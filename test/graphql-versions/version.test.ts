import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as graphql from 'graphql';
import { version } from 'graphql';
import type * as codegen from '../../src/codegen/index.js';
import type * as library from '../../src/index.js';
import { unsupportedGraphql } from '../../src/graphql/graphql-version.js';

const MODULES = join(__dirname, '../../node_modules');

function installedVersion(name: string): string {
  return (
    JSON.parse(readFileSync(join(MODULES, name, 'package.json'), 'utf8')) as { version: string }
  ).version;
}

describe('the version of graphql', () => {
  it('is the one that these tests are meant for, and supported', () => {
    expect(version).toBe(installedVersion(process.env['GRAPHQL_PACKAGE'] ?? 'graphql'));
    expect(unsupportedGraphql()).toBeUndefined();
  });

  it.each([
    [15, 8],
    [16, 11],
    [18, 0],
  ])('%i.%i is refused in one sentence', (major, minor) => {
    expect(unsupportedGraphql({ major, minor })).toBe(
      `graphql ${String(major)}.${String(minor)} is installed, but only graphql 16 from 16.12 on and ` +
        'graphql 17 are supported.',
    );
  });

  it.each([
    [16, 12],
    [16, 99],
    [17, 0],
  ])('%i.%i is supported', (major, minor) => {
    expect(unsupportedGraphql({ major, minor })).toBeUndefined();
  });

  it('keeps a server, a schema and the code generator from starting', async () => {
    await jest.isolateModulesAsync(async () => {
      jest.doMock('graphql', () => jest.requireActual<object>('graphql-15'));
      const { buildSchema, parse } = jest.requireMock<typeof graphql>('graphql');
      const { applyIdempotency, idempotencyPlugin, idempotentTypeDefs, MemoryStore } =
        jest.requireActual<typeof library>('../../src/index.js');
      const { plugin } = jest.requireActual<typeof codegen>('../../src/codegen/index.js');
      const schema = buildSchema(
        `${idempotentTypeDefs} type Query { ping: Int } type Mutation { pay: Int @idempotent }`,
      );
      const sentence = 'graphql 15.10 is installed, but only';
      expect(() => applyIdempotency(schema)).toThrow(sentence);
      expect(() => plugin(schema, [{ document: parse('mutation Pay { pay }') }])).toThrow(sentence);
      const server = idempotencyPlugin({ store: new MemoryStore(), scope: 'global' });
      await expect(server.serverWillStart({ schema })).rejects.toThrow(sentence);
    });
  });
});
