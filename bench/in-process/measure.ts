import type { InProcessSample } from '../results.js';
import { startSubjects, type Subject } from './subjects.js';

/** How much of each subject is measured. */
export interface InProcessPlan {
  readonly rounds: number;
  /** Requests of a subject in a round: few, so that what else the machine does falls on all alike. */
  readonly requests: number;
  readonly warmUp: number;
}

const IN_FLIGHT = [1, 32];

/** Measures, in this process, the CPU time of a request of every subject. */
export async function measureInProcess(plan: InProcessPlan): Promise<InProcessSample[]> {
  const subjects = await startSubjects();
  for (const subject of subjects) await cpuOf(subject, 32, plan.warmUp);
  const samples: InProcessSample[] = [];
  for (const inFlight of IN_FLIGHT) {
    for (let round = 0; round < plan.rounds; round += 1) {
      // Nobody is always the first, or always behind the same other one.
      const turn = round % 2 === 0 ? subjects : [...subjects].reverse();
      for (const subject of turn) {
        const cpuUs = await cpuOf(subject, inFlight, plan.requests);
        samples.push({ subject: subject.name, inFlight, round, cpuUs });
      }
    }
  }
  return samples;
}

/** CPU time of one request, in microseconds. */
async function cpuOf({ send }: Subject, inFlight: number, requests: number): Promise<number> {
  let left = requests;
  const before = process.cpuUsage();
  const sender = async (): Promise<void> => {
    for (; left > 0; left -= 1) await send();
  };
  await Promise.all(Array.from({ length: inFlight }, sender));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / requests;
}
