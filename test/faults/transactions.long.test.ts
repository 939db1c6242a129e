import { CONTROLS } from './controls.js';
import { createRandom } from './random.js';
import { transactions } from './scenarios/transactions.js';

const SEED = process.env['FAULTS_SEED'] ?? '1';
/** For a run that hangs; nothing here depends on speed. */
const HANGS_MS = 24 * 3_600_000;

const run = (
  size: number,
  variant?: (typeof CONTROLS)[number]['variant'],
): ReturnType<typeof transactions.run> =>
  transactions.run({
    random: createRandom(`${SEED}/transactions`),
    ...{ size, requests: 0, variant, progress: () => undefined },
  });

test(
  `transactions have one effect and one answer, whatever is cut, killed and forgotten (FAULTS_SEED=${SEED})`,
  async () => {
    const { figures, failures } = await run(60);
    expect(failures).toEqual([]);
    expect(figures['cut connections']).toBeGreaterThan(0);
    expect(figures['database kills']).toBe(1);
  },
  HANGS_MS,
);

test.each(
  CONTROLS.filter(({ scenario }) => scenario === transactions).map((one) => [one.variant, one]),
)(
  `the harness catches a transaction with a seeded bug: %s (FAULTS_SEED=${SEED})`,
  async (_, { variant, size }) => {
    const { failures } = await run(size, variant);
    expect(failures).not.toEqual([]);
  },
  HANGS_MS,
);
