import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as clientReact from '../src/client/react/index.js';
import * as client from '../src/client/index.js';
import * as codegen from '../src/codegen/index.js';
import { LINK_DEFAULTS } from '../src/client/link-options.js';
import { IDEMPOTENCY_ERRORS } from '../src/core/errors.js';
import * as main from '../src/index.js';
import * as redis from '../src/stores/redis/index.js';
import * as testing from '../src/testing/index.js';
import * as typeGraphQL from '../src/type-graphql/index.js';

const read = (path: string): string => readFileSync(join(__dirname, '..', path), 'utf8');

function* testFiles(folder: string): Iterable<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* testFiles(path);
    else if (/\.test\.tsx?$/.test(name)) yield path;
  }
}

/** The rows of a Markdown table whose first cell is code. */
function tableRows(markdown: string): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  for (const [, name = '', rest = ''] of markdown.matchAll(/^\| `([^`]+)` *\|(.*)\|$/gm)) {
    rows.set(
      name,
      rest.split('|').map((cell) => cell.trim()),
    );
  }
  return rows;
}

describe('the documentation', () => {
  it('has a test for each of its guarantees', () => {
    const guarantees = [...read('docs/semantics.md').matchAll(/\*\*(G\d+) /g)].map(([, id]) => id);
    const tests = [...testFiles(__dirname)].map((path) => readFileSync(path, 'utf8')).join('\n');
    const cited = new Set(
      [...tests.matchAll(/\((G\d+(?:, G\d+)*)\)/g)].flatMap(([, ids]) => ids?.split(', ') ?? []),
    );
    expect(guarantees.length).toBeGreaterThan(20);
    expect(guarantees.filter((id) => id === undefined || !cited.has(id))).toEqual([]);
    expect([...cited].filter((id) => !guarantees.includes(id))).toEqual([]);
  });

  it('lists the options with their true defaults', () => {
    const rows = tableRows(read('README.md'));
    for (const [option, value] of Object.entries(main.IDEMPOTENCY_DEFAULTS)) {
      const [stated] = rows.get(option) ?? [];
      if (value === undefined) expect(stated).toBeDefined();
      else expect([option, stated?.replaceAll('`', '')]).toEqual([option, String(value)]);
    }
  });

  it('lists the options of the client link with their true defaults', () => {
    const rows = tableRows(read('docs/clients.md'));
    const stated = Object.keys(LINK_DEFAULTS).map((option) => [
      option,
      rows.get(option)?.[0]?.replaceAll('`', ''),
    ]);
    expect(stated).toEqual(
      Object.entries(LINK_DEFAULTS).map(([option, value]) => [option, String(value)]),
    );
  });

  it('lists the error codes with what they mean for a retry', () => {
    const rows = tableRows(read('README.md'));
    for (const [code, { retryable, httpStatus }] of Object.entries(IDEMPOTENCY_ERRORS)) {
      const cells = rows.get(code) ?? [];
      expect([code, cells[0], cells[2]]).toEqual([
        code,
        retryable ? 'yes' : 'no',
        String(httpStatus),
      ]);
    }
    const stated = [...rows.keys()].filter(
      (name) => name.startsWith('IDEMPOTENCY_') && name in IDEMPOTENCY_ERRORS,
    );
    expect(stated).toHaveLength(Object.keys(IDEMPOTENCY_ERRORS).length);
  });
});

it('the package exports these names', () => {
  const names = { client, clientReact, codegen, main, redis, testing, typeGraphQL };
  expect(
    Object.fromEntries(
      Object.entries(names).map(([entry, all]) => [entry, Object.keys(all).sort()]),
    ),
  ).toMatchInlineSnapshot(`
   {
     "client": [
       "IdempotencyLink",
       "idempotencyReports",
       "isReplay",
     ],
     "clientReact": [
       "useIdempotentMutation",
     ],
     "codegen": [
       "plugin",
     ],
     "main": [
       "EVENTS_CHANNEL",
       "IDEMPOTENCY_DEFAULTS",
       "IdempotencyError",
       "MemoryStore",
       "aesGcmCipher",
       "applyIdempotency",
       "idempotencyOf",
       "idempotencyPlugin",
       "idempotentDirective",
       "idempotentTypeDefs",
     ],
     "redis": [
       "RedisStore",
     ],
     "testing": [
       "storeContract",
     ],
     "typeGraphQL": [
       "CurrentExecution",
       "Idempotent",
     ],
   }
  `);
});
