import type { Outcome } from './outcome.js';
import { VerdictLine } from './verdict-line.js';
import type { Verdict } from './verdict.js';

interface OutcomeViewProps {
  readonly outcome: Outcome | undefined;
  readonly verdict: Verdict | undefined;
  /** A line about a payment that the browser keeps, or has sent later. */
  readonly note: string | undefined;
  /** Absent when there is nothing to forget. */
  readonly onStartOver: (() => void) | undefined;
}

/** Says how the payment stands, also to those who do not see it change. */
export function OutcomeView({
  outcome,
  verdict,
  note,
  onStartOver,
}: OutcomeViewProps): React.ReactNode {
  return (
    <section className="outcome" data-tone={outcome?.tone} aria-labelledby="outcome">
      <h2 id="outcome">Last payment</h2>
      <p role="status">
        {outcome !== undefined && (
          <>
            <strong className="title">{outcome.title}</strong> {outcome.text}{' '}
            {verdict !== undefined && <VerdictLine {...verdict} />}
          </>
        )}
        {note !== undefined && <span className="note">{note}</span>}
      </p>
      {onStartOver !== undefined && (
        <button type="button" className="plain" onClick={onStartOver}>
          Start over with a new key
        </button>
      )}
    </section>
  );
}
