import { inProcessSection } from '../report/in-process-section.js';
import { measureInProcess, type InProcessPlan } from './measure.js';

/** What a run by hand measures; in less than a minute. */
const BY_HAND: InProcessPlan = { rounds: 15, requests: 1_000, warmUp: 4_000 };

/** Measures for whoever has started this process, or, where nobody has, prints a table. */
async function main([, , given]: readonly string[]): Promise<void> {
  const plan = given === undefined ? BY_HAND : (JSON.parse(given) as InProcessPlan);
  const samples = await measureInProcess(plan);
  if (process.send === undefined) console.log(inProcessSection(samples));
  else process.send(samples);
}

main(process.argv).then(
  () => {
    // Otherwise whoever started it keeps it alive.
    if (process.connected) process.disconnect();
  },
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
