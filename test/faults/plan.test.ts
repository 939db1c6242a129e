import { formatFault, parseFault } from './fault.js';
import { planOf, SCENARIO_NAMES } from './plan.js';
import { createRandom } from './random.js';

test('the same seed makes the same choices, another seed others', () => {
  const draw = (seed: string): number[] => {
    const random = createRandom(seed);
    return Array.from({ length: 20 }, () => random.integer(1, 1_000_000));
  };
  expect(draw('a')).toEqual(draw('a'));
  expect(draw('a')).not.toEqual(draw('b'));
});

test('what one fork draws does not move the choices of another', () => {
  const [one, two] = [createRandom('a'), createRandom('a')];
  one.fork('x').next();
  expect(one.fork('y').next()).toBe(two.fork('y').next());
});

test('a fault survives being written into a header', () => {
  const fault = { action: 'kill', point: 'after-effect' } as const;
  expect(parseFault(formatFault(fault))).toEqual(fault);
  expect(() => parseFault('explode@after-effect')).toThrow('not a fault');
});

test('the environment sets the sizes, up to ten times the standard ones', () => {
  const [standard] = planOf({ FAULTS_ONLY: 'kills' }).scenarios;
  const [doubled] = planOf({ FAULTS_ONLY: 'kills', FAULTS_FACTOR: '2' }).scenarios;
  expect(doubled?.size).toBe(2 * Number(standard?.size));
  expect(doubled?.requests).toBe(2 * Number(standard?.requests));
  const [chosen] = planOf({ FAULTS_ONLY: 'redis-kills', FAULTS_REDIS_KILLS: '3' }).scenarios;
  expect(chosen?.size).toBe(3);
  const soaks = planOf({ FAULTS_ONLY: 'soak,kills', FAULTS_SOAK_MINUTES: '60' }).scenarios;
  expect(soaks.map(({ minutes }) => minutes)).toEqual([undefined, 60]);
  expect(() => planOf({ FAULTS_FACTOR: '11' })).toThrow('at most 10');
  expect(planOf({ FAULTS_LANES: '5' }).lanes).toBe(5);
  expect(() => planOf({ FAULTS_LANES: 'all' })).toThrow('FAULTS_LANES must be a number');
  expect(() => planOf({ FAULTS_KILLS: 'many' })).toThrow('FAULTS_KILLS must be a number');
  expect(() => planOf({ FAULTS_ONLY: 'earthquake' })).toThrow('there is no earthquake');
});

test('a start does everything, or the scenarios, controls and yardsticks that are named', () => {
  const all = planOf({});
  expect(all.scenarios.map(({ scenario }) => scenario.name)).toEqual(SCENARIO_NAMES);
  expect([all.controls, all.yardsticks]).toEqual([true, true]);
  const some = planOf({ FAULTS_ONLY: 'cuts,controls' });
  expect(some.scenarios.map(({ scenario }) => scenario.name)).toEqual(['cuts']);
  expect([some.controls, some.yardsticks]).toEqual([true, false]);
});
