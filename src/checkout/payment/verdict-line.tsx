import { counted, type Verdict } from './verdict.js';

/** "2 attempts, 1 key, 1 payment". */
export function VerdictLine({ attempts, keys, payments }: Verdict): React.ReactNode {
  return (
    <span className="verdict">
      {counted(attempts, 'attempt')}, {counted(keys, 'key')}
      {payments !== undefined && (
        <>
          , <strong data-tone={toneOf(payments)}>{counted(payments, 'payment')}</strong>
        </>
      )}
    </span>
  );
}

function toneOf(payments: number): 'quiet' | 'good' | 'bad' {
  if (payments === 0) return 'quiet';
  return payments === 1 ? 'good' : 'bad';
}
