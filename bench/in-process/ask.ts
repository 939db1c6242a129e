import { join } from 'node:path';
import { startChild } from '../child.js';
import type { InProcessSample } from '../results.js';
import type { InProcessPlan } from './measure.js';

/** Measures in a process of its own, in which nothing else has run before. */
export async function askInProcess(
  plan: InProcessPlan,
  say: (line: string) => void,
): Promise<readonly InProcessSample[]> {
  say('in one process, without HTTP and Redis');
  const env = { ...process.env, NODE_ENV: 'production' };
  const child = startChild(join(__dirname, 'main.js'), 'The measure in one process', plan, env);
  try {
    return await child.told<readonly InProcessSample[]>();
  } finally {
    await child.end();
  }
}
