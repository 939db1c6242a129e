import { ReplicaCounts } from '../../src/stores/redis/replication/replica-counts.js';

function info(replicationId: string, ...states: string[]): string {
  const lines = states.map((state, index) => {
    return `slave${String(index)}:ip=127.0.0.1,port=7000,state=${state},offset=1,lag=0`;
  });
  return ['# Replication', 'role:master', ...lines, `master_replid:${replicationId}`].join('\r\n');
}

describe('the replicas that a primary is known to have', () => {
  it('are never fewer than one', () => {
    const counts = new ReplicaCounts();
    expect(counts.of('a')).toBe(1);
    expect(counts.note('a', info('r1'))).toBe(1);
    expect(counts.note('a', 'nonsense')).toBe(1);
  });

  it('do not become fewer when one falls behind or is cut off', () => {
    const counts = new ReplicaCounts();
    expect(counts.note('a', info('r1', 'online', 'online'))).toBe(2);
    expect(counts.note('a', info('r1', 'online'))).toBe(2);
    expect(counts.note('a', info('r1', 'online', 'wait_bgsave'))).toBe(2);
    expect(counts.of('a')).toBe(2);
    expect(counts.of('b')).toBe(1);
  });

  it('are counted anew after a failover', () => {
    const counts = new ReplicaCounts();
    counts.note('a', info('r1', 'online', 'online'));
    expect(counts.note('a', info('r2', 'online'))).toBe(1);
    expect(counts.note('a', info('r2', 'online', 'online'))).toBe(2);
  });

  it('are remembered for a bounded number of primaries', () => {
    const counts = new ReplicaCounts();
    counts.note('first', info('r', 'online', 'online'));
    for (let index = 0; index < 1_024; index += 1) {
      counts.note(`p${String(index)}`, info('r', 'online', 'online'));
    }
    expect(counts.of('first')).toBe(1);
    expect(counts.of('p1023')).toBe(2);
  });
});
