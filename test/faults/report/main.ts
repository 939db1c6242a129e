import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { RESULTS_FOLDER, ROOT } from '../paths.js';
import { SCENARIO_NAMES } from '../plan.js';
import { renderEvidence } from './evidence.js';
import { readResults } from './result-file.js';

/**
 * Writes `docs/evidence.md` from the result files of a folder: the one that is named on the command
 * line, or the one that `npm run test:faults` writes to.
 *
 * `FAULTS_MODELS` names a Markdown file about runs of models, which becomes a part of the page.
 */
async function main(folder = RESULTS_FOLDER): Promise<void> {
  const models = process.env['FAULTS_MODELS'];
  const results = readResults(folder);
  const text = renderEvidence(
    results,
    SCENARIO_NAMES,
    models === undefined ? '' : readFileSync(models, 'utf8'),
  );
  const file = join(ROOT, 'docs/evidence.md');
  const config = await resolveConfig(file);
  writeFileSync(file, await format(text, { ...config, parser: 'markdown' }));
  process.stdout.write(`docs/evidence.md: ${String(results.length)} starts from ${folder}\n`);
}

void main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
