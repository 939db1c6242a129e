import { failOverWithLag } from '../support/failover.js';
import { topologies, type Topology } from '../support/topologies.js';

const REQUESTS = 12;

describe.each(topologies)('a failover %s', (_, start) => {
  let topology: Topology;
  beforeAll(async () => {
    topology = await start();
  });
  afterAll(() => topology.stop());

  it('repeats nothing and keeps every answer if the store waits for all replicas', async () => {
    const report = await failOverWithLag(topology, {
      name: 'waiting',
      replicas: 'all',
      requests: REQUESTS,
    });
    expect([...report.runs]).toEqual([...report.runs.keys()].map((key) => [key, 1]));
    expect([...report.answers.values()].map(({ size }) => size)).toEqual(
      Array(REQUESTS + 2).fill(1),
    );
    expect(report.answeredInLag.length).toBeLessThan(REQUESTS);
    expect(report.claimsLost).toBe(0);
  });

  // Shows that the failover above was one that forgets, and what the documentation warns of.
  it('repeats what no replica had if the store does not wait', async () => {
    const report = await failOverWithLag(topology, {
      name: 'trusting',
      replicas: undefined,
      requests: REQUESTS,
    });
    const twice = [...report.runs].filter(([, runs]) => runs === 2).map(([key]) => key);
    expect(report.answeredInLag).toHaveLength(REQUESTS);
    expect(twice.length).toBeGreaterThan(0);
    expect(report.answeredInLag).toEqual(expect.arrayContaining(twice));
  });
});
