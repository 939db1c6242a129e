import { httpRequest } from './http-request.js';
import { freshKey, wrong } from './repeats.js';
import type { Shot } from './slice.js';

const CREATE =
  'mutation State($input: StatementInput!) { createStatement(input: $input) ' +
  '{ id reference lines { id text amount } } }';

/**
 * Lines of statements of about 1 KB, 50 KB and 1.4 MB as JSON. The last is 1 MiB as the library encodes
 * it, just below what it keeps by default.
 */
export const STATEMENT_LINES = { small: 12, medium: 590, large: 16_000 } as const;

/** A statement of so many lines under a key of its own. */
export function firstStatement(lines: number): Shot & { readonly key: string } {
  const key = freshKey();
  const last = `{"id":"line_${String(lines - 1).padStart(6, '0')}","text":"Payment `;
  return {
    key,
    request: httpRequest(CREATE, { input: { idempotencyKey: key, lines } }),
    check(answer) {
      const { status, body } = answer;
      const start = '{"data":{"createStatement":{"id":"statement_';
      if (status !== 200 || !body.startsWith(start)) throw wrong(answer);
      // Found near the start and near the end: long answers are not searched through.
      if (!body.slice(0, 200).includes(`"reference":"${key}"`)) throw wrong(answer);
      if (!body.slice(-400).includes(last)) throw wrong(answer);
    },
  };
}
