#!/usr/bin/env node
import { join } from 'node:path';
import { runCli } from './run-cli.js';
import { openTerminal } from './terminal/terminal.js';

// The package's folder, seen from dist/cjs/cli.
const folder = join(__dirname, '../../..');

void runCli(process.argv.slice(2), openTerminal(), process.env, folder).then((code) => {
  process.exitCode = code;
});
