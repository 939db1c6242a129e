import type { Attempts } from './attempt-log.js';
import { chartOf } from './attempt-chart.js';
import { AttemptRow } from './attempt-row.js';
import type { Attempt, Purchase } from './attempt.js';
import { ChartLegend } from './chart-legend.js';
import { formatEuros } from '../payment/money.js';
import { VerdictLine } from '../payment/verdict-line.js';
import { verdictOf } from '../payment/verdict.js';

/** Every attempt, under what it was for, the newest purchase first. */
export function Timeline({ state }: { readonly state: Attempts }): React.ReactNode {
  return (
    <section className="timeline" aria-labelledby="timeline">
      <h2 id="timeline">Attempts</h2>
      {state.purchases.length === 0 ? (
        <p className="hint">Every request will be listed here.</p>
      ) : (
        <ChartLegend />
      )}
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
            <PurchaseChart attempts={attemptsOf(purchase, state)} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function attemptsOf({ id }: Purchase, { attempts }: Attempts): Attempt[] {
  return attempts.filter(({ purchase }) => purchase === id);
}

/** The attempts of a purchase, the oldest first, over one axis of time. */
function PurchaseChart({ attempts }: { readonly attempts: readonly Attempt[] }): React.ReactNode {
  const { rows, totalMs, cuts } = chartOf(attempts);
  return (
    <>
      <ol className="attempts">
        {rows.map((row) => (
          <AttemptRow key={row.attempt.id} row={row} cuts={cuts} />
        ))}
      </ol>
      <p className="axis" aria-hidden="true">
        <span>0 ms</span>
        <span>{cuts.length === 0 ? `${String(totalMs)} ms` : 'long pauses are cut'}</span>
      </p>
    </>
  );
}
