import { useAtom } from '../atom.js';
import type { Ledger } from './ledger.js';
import { formatEuros } from './money.js';

const SHOWN = 3;

/** The bank's ledger. */
export function LedgerView({ ledger }: { readonly ledger: Ledger }): React.ReactNode {
  const state = useAtom(ledger.atom);
  const isSilent = useAtom(ledger.isSilent);
  return (
    <section className="ledger" aria-labelledby="ledger">
      <h2 id="ledger">Ledger</h2>
      <dl>
        <div>
          <dt>Alice’s balance</dt>
          <dd className="balance">{state === undefined ? '…' : formatEuros(state.balance)}</dd>
        </div>
        <div>
          <dt>Payments</dt>
          <dd>{state === undefined ? '…' : state.totalCount}</dd>
        </div>
      </dl>
      <p className="problem">
        {isSilent && 'The server does not answer. This may be out of date.'}
      </p>
      <ol className="payments" aria-label="Last payments">
        {state?.payments.slice(0, SHOWN).map(({ id, amount, reference }) => (
          <li key={id}>
            <span>{reference ?? 'No reference'}</span> <span>−{formatEuros(amount)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
