import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT } from './paths.js';

/** Compiles the workers and the library for processes of their own. */
export function buildFaults(): void {
  const tsc = createRequire(join(ROOT, 'package.json')).resolve('typescript/bin/tsc');
  const project = join(ROOT, 'test/faults/tsconfig.json');
  execFileSync(process.execPath, [tsc, '--project', project], { cwd: ROOT, stdio: 'inherit' });
}
