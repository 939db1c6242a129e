import { ApolloProvider } from '@apollo/client/react';
import { createRoot } from 'react-dom/client';
import { createAttemptLog } from './attempts/attempt-log.js';
import { Checkout } from './checkout.js';
import { createClient } from './create-client.js';
import { createLedger } from './payment/ledger.js';
import { createFaults } from './faults/faults.js';
import { PaymentQueue } from './offline/payment-queue.js';
import { openStorage } from './page-storage.js';
import { parseAttempts } from './attempts/stored-attempts.js';

const log = createAttemptLog(openStorage('checkout:attempts', parseAttempts));
const faults = createFaults();
const headers = { authorization: 'Bearer alice' };
const onAttempt = (): void => void ledger.refresh();
const queue = new PaymentQueue({ log, faults, headers, onAttempt });
const client = createClient({ log, faults, queue, headers, onAttempt });
const ledger = createLedger(client, (state) => {
  log.ledgerRead(state);
});
// Before the page has seen the ledger, it cannot count what a payment adds to it.
void ledger.refresh().then(() => {
  queue.start();
});

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no #root.');
createRoot(root).render(
  <ApolloProvider client={client}>
    <Checkout log={log} ledger={ledger} faults={faults} queue={queue} />
  </ApolloProvider>,
);
