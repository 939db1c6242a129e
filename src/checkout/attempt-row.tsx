import type { Attempt, AttemptState } from './attempt.js';
import { KeyBadge } from './key-badge.js';

const CLOCK = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
});

const WORDS: Readonly<Record<Exclude<AttemptState, 'sent'>, string>> = {
  executed: 'executed',
  replayed: 'replayed',
  rejected: 'rejected',
  lost: 'response lost',
  failed: 'no answer',
  left: 'page reloaded',
};

/** One request, from when it was sent to what became of it. */
export function AttemptRow({ attempt }: { readonly attempt: Attempt }): React.ReactNode {
  const { sentAtMs, key, keyNumber, state, waited, unstored, code, retryInMs, tookMs } = attempt;
  return (
    <li>
      <time dateTime={new Date(sentAtMs).toISOString()}>{CLOCK.format(sentAtMs)}</time>
      <KeyBadge value={key} number={keyNumber} />
      <ol className="steps">
        <li>sent</li>
        {waited === true && <li>waited</li>}
        {state !== 'sent' && (
          <li>
            <strong>{WORDS[state]}</strong>
            {unstored === true && ', not stored yet'}
            {code !== undefined && <code> {code}</code>}
          </li>
        )}
        {retryInMs !== undefined && <li>retry in {retryInMs}&nbsp;ms</li>}
      </ol>
      {tookMs !== undefined && <span className="took">{tookMs} ms</span>}
    </li>
  );
}
