import { REWRITES, VARIANTS } from './rewrites.js';
import { rewrittenScripts } from './variants.js';

test.each(VARIANTS)('the seeded bug %s can still be put into the scripts', (variant) => {
  const changes = REWRITES[variant].length;
  expect(rewrittenScripts(variant).size > 0).toBe(changes > 0);
});
