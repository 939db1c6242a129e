import { createRandom } from './random.js';
import * as a from './scenarios/processes.js';
import * as b from './scenarios/redis.js';
import * as c from './scenarios/network.js';
const seed = process.env['FAULTS_SEED'] ?? '1';
void (async () => {
  const s = Object.values({ ...a, ...b, ...c }).find((x) => x.name === process.argv[2])!;
  const t = Date.now();
  const r = await s.run({
    random: createRandom(seed),
    size: Number(process.argv[3]),
    requests: Number(process.argv[4]),
    variant: process.argv[5] as undefined,
    progress: (l) => {
      console.error(l);
    },
  });
  console.log(s.name, r, (Date.now() - t) / 1000);
})();
