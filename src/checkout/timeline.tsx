import type { Attempts } from './attempt-log.js';
import { AttemptRow } from './attempt-row.js';
import { formatEuros } from './money.js';
import { VerdictLine } from './verdict-line.js';
import { verdictOf } from './verdict.js';

/** Every attempt, under what it was for, the newest purchase first. */
export function Timeline({ state }: { readonly state: Attempts }): React.ReactNode {
  return (
    <section className="timeline" aria-labelledby="timeline">
      <h2 id="timeline">Attempts</h2>
      {state.purchases.length === 0 && <p className="hint">Every request will be listed here.</p>}
      <ol className="purchases">
        {state.purchases.toReversed().map((purchase) => (
          <li key={purchase.id}>
            <h3>
              {formatEuros(purchase.amount)}
              {purchase.reference !== null && (
                <span className="reference"> {purchase.reference}</span>
              )}
            </h3>
            <p>
              <VerdictLine {...verdictOf(purchase, state)} />
            </p>
            <ol className="attempts">
              {state.attempts
                .filter((attempt) => attempt.purchase === purchase.id)
                .map((attempt) => (
                  <AttemptRow key={attempt.id} attempt={attempt} />
                ))}
            </ol>
          </li>
        ))}
      </ol>
    </section>
  );
}
