import { join } from 'node:path';
import { startChild } from '../../child.js';
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
  const file = join(__dirname, 'engine-process.js');
  const child = startChild(file, 'A process with an engine', config);
  await child.told<'ready'>();
  return {
    execute: (keys) => child.ask({ keys } satisfies EngineRequest),
    release() {
      child.send('release' satisfies EngineRequest);
    },
    effects: () => child.ask('effects' satisfies EngineRequest),
    end: () => child.end(),
  };
}
