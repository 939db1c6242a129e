import type { ContenderName } from '../contenders.js';

/** What a server process is told in its first argument, as JSON. */
export interface ServerConfig {
  readonly contender: ContenderName;
  readonly redisPort: number;
  /** Where the packages of other contenders are installed. */
  readonly modules: string;
}

/** What a server process is asked: what it used, or to go on with the mutations that it holds. */
export type Request = 'usage' | 'release';

/** What a server process says when it is ready. */
export interface Ready {
  readonly port: number;
}

/** What a server process has done and used so far; it is told whenever it is asked. */
export interface Usage {
  readonly effects: number;
  /** Of all its threads, in microseconds. */
  readonly cpuUs: number;
}
