import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IDEMPOTENCY_ERRORS } from '../../src/core/errors.js';
import { refusals } from '../../src/core/refusals.js';

const ROOT = join(__dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const runbook = read('docs/errors.md');

/** The names of all events, as their union spells them. */
const events = [...read('src/core/events.ts').matchAll(/readonly type: '(\w+)'/g)].map(
  ([, name = '']) => name,
);

describe('the runbook', () => {
  it.each(Object.keys(IDEMPOTENCY_ERRORS))('has a section for %s', (code) => {
    expect(runbook).toContain(`\n### ${code}\n`);
    expect(runbook).toContain(`| [${code}](#${code.toLowerCase()})`);
  });

  it('says something about each event', () => {
    expect(events.length).toBeGreaterThan(15);
    const told = (name: string): boolean =>
      runbook.includes(`\n### ${name}\n`) || runbook.includes(`\`${name}\``);
    expect(events.filter((name) => !told(name))).toEqual([]);
  });

  it('quotes what clients see', () => {
    const quotes = [...runbook.matchAll(/(?:^> .*\n)+/gm)].map(([quote]) =>
      quote.replace(/^> /gm, '').replace(/\s+/g, ' ').trim(),
    );
    const messages = [
      refusals.outcomeUnknown(),
      refusals.tombstone(),
      refusals.unreadable(),
      refusals.storeUnavailable(undefined),
      refusals.concurrent(1),
      refusals.sealed(),
      refusals.mismatch(),
    ].map(({ message }) => message);
    expect(quotes.sort()).toEqual(messages.sort());
  });

  it('and the list of events name the same events', () => {
    const page = read('docs/observability.md');
    expect(events.filter((name) => !page.includes(`| \`${name}\``))).toEqual([]);
  });
});
