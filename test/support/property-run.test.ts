import fc from 'fast-check';
import { holdProperty, type PropertyRun } from './property-run.js';

it('a property whose time is over has ended when the test goes on', async () => {
  const run: PropertyRun = { name: 'MODEL', runs: 10, limitMs: 20, seed: 1, path: undefined };
  const cases = { begun: 0, ended: 0 };
  const property = fc.asyncProperty(fc.nat(), async () => {
    cases.begun += 1;
    // Later than the limit, by the same clock.
    await new Promise((resolve) => setTimeout(resolve, 100));
    cases.ended += 1;
  });
  const complete = await holdProperty(
    run,
    1,
    () => property,
    () => cases,
  );
  expect(complete).toBe(false);
  expect(cases.ended).toBe(cases.begun);
});
