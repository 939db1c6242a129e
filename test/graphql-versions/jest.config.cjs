const base = require('../../jest.config.cjs');

/** The package to take graphql from. */
const graphql = process.env.GRAPHQL_PACKAGE ?? 'graphql-17';

/**
 * The suites that depend on graphql, over another version of it. Apollo Server and whatever else a test
 * loads get the same one.
 *
 * @type {import('jest').Config}
 */
module.exports = {
  ...base,
  rootDir: '../..',
  roots: ['bad-input', 'client', 'codegen', 'graphql', 'graphql-versions', 'servers'].map(
    (folder) => `<rootDir>/test/${folder}`,
  ),
  testPathIgnorePatterns: [
    '/node_modules/',
    // What starts these.
    'test/graphql-versions/suites.long.test.ts',
    // The program of the code generator loads its own graphql: see test/package.
    'test/codegen/(cli|presets).long.test.ts',
    // So does a bundled client; its server is that of test/client/idempotency-link.test.ts.
    'test/client/apollo-3.long.test.ts',
    // Nexus calls a function that graphql 17 does not have.
    'test/graphql/idempotent-field.test.ts',
    // Nothing of graphql is in them.
    'test/bad-input/(redis-client|retention|stored-state|steps).test.ts',
  ],
  moduleNameMapper: {
    ...base.moduleNameMapper,
    '^graphql$': graphql,
    '^graphql/(.*)$': `<rootDir>/node_modules/${graphql}/$1`,
  },
};
