import { createRandom } from './random.js';
import { kills, pauses, blocks } from './scenarios/processes.js';
const seed = process.env['FAULTS_SEED'] ?? '1';
void (async () => {
  const s = { kills, pauses, blocks }[process.argv[2] as 'kills'];
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
  console.log(r, (Date.now() - t) / 1000);
})();
