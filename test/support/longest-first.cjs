const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * The files that take more than half a minute, from the longest on. A clean checkout has no durations of an earlier
 * run, and without them Jest goes by the size of a file: a short one that starts long programs came last, and ran
 * beside idle processors.
 */
const LONGEST = [
  'test/graphql-versions/suites',
  'test/faults/faults',
  'test/package/smoke',
  'test/stores/permissions',
  'test/package/fresh-project',
  'test/database/crashes',
  'test/browser/hook.',
  'test/nestjs/nest-12',
  'test/examples/projects',
  'test/examples/client-projects',
];

/** Begins with the tests that take longest, so that no processor is idle at the end. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const known = LONGEST.findIndex((name) => path.replaceAll('\\', '/').includes(name));
      return known === -1 ? LONGEST.length : known;
    };
    return super.sort(tests).sort((one, other) => rank(one) - rank(other));
  }
};
