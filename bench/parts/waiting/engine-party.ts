import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { reap } from '../../../test/support/reaper.js';
import type { Party } from './party.js';

/** What a process with an engine is told in its first argument, as JSON. */
export interface EngineConfig {
  readonly redisPort: number;
  /** Whether its executions last until it is told to release them. */
  readonly holds: boolean;
}

/** What it is asked: to execute requests, to release them, or how often it had an effect. */
export type EngineRequest = { readonly keys: readonly string[] } | 'release' | 'effects';

/** A process with an engine over Redis, without GraphQL and HTTP. */
export interface EngineParty extends Party {
  end(): Promise<void>;
}

/** Starts it. */
export async function openEngineParty(config: EngineConfig): Promise<EngineParty> {
  const child = fork(join(__dirname, 'engine-process.js'), [JSON.stringify(config)]);
  reap(child);
  const exited = once(child, 'exit');

  async function told<T>(): Promise<T> {
    const gone = exited.then(([code]): never => {
      throw new Error(`A process with an engine exited with ${String(code)}.`);
    });
    const [message] = (await Promise.race([once(child, 'message'), gone])) as [T];
    return message;
  }

  function ask<T>(request: EngineRequest): Promise<T> {
    const answer = told<T>();
    child.send(request);
    return answer;
  }

  await told<'ready'>();
  return {
    execute: (keys) => ask({ keys }),
    release() {
      child.send('release' satisfies EngineRequest);
    },
    effects: () => ask('effects'),
    async end() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
