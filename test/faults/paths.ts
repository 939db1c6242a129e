import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The package's folder: this file is run from its source and from where it is compiled to. */
export const ROOT = rootAbove(__dirname);

/** The folder of result files. */
export const RESULTS_FOLDER = process.env['FAULTS_RESULTS'] ?? join(ROOT, 'test/faults/results');

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder));
}
