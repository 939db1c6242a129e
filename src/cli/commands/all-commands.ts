import type { Command } from '../command.js';
import { audit } from './audit.js';
import { doctor } from './doctor.js';
import { forget } from './forget.js';
import { inspect } from './inspect.js';
import { list } from './list.js';
import { prune } from './prune.js';
import { settle } from './settle.js';
import { table } from './table.js';

/** The commands of the tool, as the help lists them. */
export const COMMANDS: readonly Command[] = [
  ...[inspect, list, settle, forget, doctor, audit],
  ...[table, prune],
];
