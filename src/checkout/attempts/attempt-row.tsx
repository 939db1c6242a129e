import type { ChartRow, Span } from './attempt-chart.js';
import type { AttemptState } from './attempt.js';
import { hueOf, KeyBadge } from './key-badge.js';

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

interface AttemptRowProps {
  readonly row: ChartRow;
  /** The places where time was left out. */
  readonly cuts: readonly number[];
}

/** One request: a bar from when it was sent to its end, and the same in words. */
export function AttemptRow({ row, cuts }: AttemptRowProps): React.ReactNode {
  const { sentAtMs, key, keyNumber, state, waited, unstored, code, retryInMs, tookMs } =
    row.attempt;
  return (
    <li>
      <KeyBadge value={key} number={keyNumber} />
      <div className="track" aria-hidden="true">
        {cuts.map((at) => (
          <span key={at} className="cut" style={placeOf({ start: at, width: 0 })} />
        ))}
        {row.retry !== undefined && <span className="wait" style={placeOf(row.retry)} />}
        <span
          className="bar"
          data-state={state}
          data-waited={waited}
          data-hue={hueOf(keyNumber)}
          style={placeOf(row.bar)}
        />
      </div>
      <time dateTime={new Date(sentAtMs).toISOString()}>{CLOCK.format(sentAtMs)}</time>
      <div className="words">
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
      </div>
    </li>
  );
}

function placeOf({ start, width }: Span): React.CSSProperties {
  return { insetInlineStart: percent(start), width: percent(width) };
}

function percent(share: number): string {
  return `${String(share * 100)}%`;
}
