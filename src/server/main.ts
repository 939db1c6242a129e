import { readConfig } from './config.js';
import { createLog, type Log } from './log.js';
import { startPaymentsServer, type PaymentsServer } from './payments-server.js';

/** The first signal stops the server when what is in flight has ended, the second at once. */
function stopOnSignals(server: PaymentsServer, log: Log): void {
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      log.info(`${signal}: finishing what is in flight.`);
      server.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ error }, 'could not stop');
          process.exit(1);
        },
      );
    });
  }
}

async function main(): Promise<void> {
  const config = readConfig(process.env, process.stdout.isTTY);
  const log = createLog({
    format: config.logFormat,
    level: config.logLevel,
    write: (line) => {
      console.log(line);
    },
  });
  const server = await startPaymentsServer(config, log);
  stopOnSignals(server, log);
  log.info(`Payments server ready at ${server.url}`);
  log.info(`Idempotency records: ${server.storeDescription}`);
  log.info(`Ledger, and the outcomes beside it: ${server.ledgerDescription}`);
  log.info('Try it: open the URL and press Run twice. One payment; the second is a replay.');
  log.info(`See why keys matter: ${server.url}checkout`);
  if (config.metrics) log.info(`Metrics for Prometheus: ${server.url}metrics`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
