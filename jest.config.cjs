const { pathsToModuleNameMapper } = require('ts-jest');
const { compilerOptions } = require('./tsconfig.json');

/**
 * Mercurius, and what it and Fastify use that is written in ES modules, which Jest cannot load before Node 24.9. A
 * copy of such a module may stand inside of another package.
 */
const ES_MODULES = '(mercurius|quick-lru|([^/]+/)*(content-disposition|cookie))';

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.{ts,tsx}'],
  // Tests that take minutes are run by jest.long.config.cjs.
  testPathIgnorePatterns: ['/node_modules/', '\\.long\\.test\\.tsx?$'],
  // Much of a test is waiting for another process.
  maxWorkers: '100%',
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    ...pathsToModuleNameMapper(compilerOptions.paths, { prefix: '<rootDir>/' }),
  },
  transform: {
    'prisma/generated/.+\\.ts$': '<rootDir>/test/support/transpile-generated.cjs',
    '^.+\\.tsx?$': ['ts-jest', { tsconfig: 'tsconfig.json' }],
    [`/node_modules/${ES_MODULES}/.+\\.js$`]: [
      'ts-jest',
      {
        diagnostics: false,
        tsconfig: { allowJs: true, isolatedModules: true, module: 'CommonJS', target: 'ES2022' },
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!${ES_MODULES}/)`],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // Ends a test that hangs; how fast a machine is must not decide about a run.
  testTimeout: 600_000,
};
