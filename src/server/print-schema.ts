import { readFileSync, writeFileSync } from 'node:fs';
import { printServerSchema } from './schema/schema.js';

// Usage: print-schema.js [--check] FILE
const [file = 'schema.graphql'] = process.argv
  .slice(2)
  .filter((argument) => argument !== '--check');
const printed = printServerSchema();

if (!process.argv.includes('--check')) {
  writeFileSync(file, printed);
} else if (readFileSync(file, 'utf8') !== printed) {
  console.error(`${file} is out of date: run "npm run schema" and commit the result.`);
  process.exitCode = 1;
}
