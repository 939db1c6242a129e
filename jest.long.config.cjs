const base = require('./jest.config.cjs');

/**
 * The tests that take minutes: every version of what the package runs with, faults, outages in a
 * browser.
 *
 * @type {import('jest').Config}
 */
module.exports = {
  ...base,
  testMatch: ['**/*.long.test.{ts,tsx}'],
  testPathIgnorePatterns: ['/node_modules/'],
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
};
