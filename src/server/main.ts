import { readConfig } from './config.js';
import { startPaymentsServer, type PaymentsServer } from './payments-server.js';

function log(line: string): void {
  console.log(line);
}

/** The first signal stops the server when what is under way has ended, the second at once. */
function stopOnSignals(server: PaymentsServer): void {
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      log(`${signal}: finishing what is under way.`);
      server.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
    });
  }
}

async function main(): Promise<void> {
  const server = await startPaymentsServer(readConfig(process.env), log);
  stopOnSignals(server);
  log(`Payments server ready at ${server.url}`);
  log(`Idempotency records: ${server.storeDescription}`);
  log('Try it: open the URL and press Run twice. One payment; the second answer is a replay.');
  log(`See why keys matter: ${server.url}checkout`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
