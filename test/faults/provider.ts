import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LedgerLine, NoteKind } from './history.js';

/** A worker's request to the provider. */
export type ProviderRequest =
  | { readonly ask: 'charge'; readonly line: WorkerLine; readonly downstreamKey: string | null }
  | ({ readonly ask: 'commit' } & OpenTransaction)
  | { readonly ask: 'lookUp'; readonly downstreamKey: string }
  | { readonly ask: 'note'; readonly kind: NoteKind; readonly line: WorkerLine };

/** The part of a ledger line that a worker knows. */
export type WorkerLine = Omit<LedgerLine, 'kind' | 'applied' | 'chargeId' | 'at'>;

/** An effect that is not there before it is committed. */
export interface OpenTransaction {
  readonly line: WorkerLine;
  readonly downstreamKey: string | null;
  readonly chargeId: string;
}

/** A charge as the provider keeps it. */
export interface Charge {
  readonly chargeId: string;
  readonly attempt: number;
}

/** The payment provider: it lives beside the driver, so it survives every worker. */
export interface Provider {
  readonly socketPath: string;
  /** All requests to it, in the order in which they came. */
  readonly ledger: readonly LedgerLine[];
  stop(): Promise<void>;
}

/** Starts a provider. It charges again for everything but a downstream key that it knows. */
export async function startProvider(): Promise<Provider> {
  const folder = mkdtempSync(join(tmpdir(), 'provider-'));
  const socketPath = join(folder, 'socket');
  const ledger: LedgerLine[] = [];
  const charges = new Map<string, Charge>();
  let chargeCount = 0;

  function add(line: LedgerLine): void {
    ledger.push({ ...line, at: Date.now() });
  }

  function charge(line: WorkerLine, downstreamKey: string | null): Charge {
    const known = downstreamKey === null ? undefined : charges.get(downstreamKey);
    const applied = known === undefined;
    if (applied) chargeCount += 1;
    const made = known ?? { chargeId: `charge-${String(chargeCount)}`, attempt: line.attempt };
    add({ ...line, kind: 'effect', applied, chargeId: made.chargeId });
    if (downstreamKey !== null) charges.set(downstreamKey, made);
    return made;
  }

  /** Commits unless the key has another charge, as a unique index would; returns whether it did. */
  function commit({ line, downstreamKey, chargeId }: OpenTransaction): boolean {
    const known = downstreamKey === null ? undefined : charges.get(downstreamKey);
    if (known !== undefined && known.chargeId !== chargeId) return false;
    add({ ...line, kind: 'effect', applied: known === undefined, chargeId });
    if (downstreamKey !== null) charges.set(downstreamKey, { chargeId, attempt: line.attempt });
    return true;
  }

  function answer(request: ProviderRequest): Charge | boolean | null {
    switch (request.ask) {
      case 'commit':
        return commit(request);
      case 'charge':
        return charge(request.line, request.downstreamKey);
      case 'lookUp':
        return charges.get(request.downstreamKey) ?? null;
      case 'note':
        add({ ...request.line, kind: request.kind, applied: false, chargeId: '' });
        return null;
      default:
        return request satisfies never;
    }
  }

  const server = createServer((request, response) => {
    void serve(request, response, (body) => answer(JSON.parse(body) as ProviderRequest));
  });
  // A connection closed for idling would look like a failing provider to a worker that was paused.
  server.keepAliveTimeout = 0;
  server.listen(socketPath);
  await once(server, 'listening');
  return {
    socketPath,
    ledger,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (body: string) => unknown,
): Promise<void> {
  try {
    response.end(JSON.stringify(answer(await readBody(request))));
  } catch {
    // The worker was killed while it asked. What it asked in full has been counted.
    response.destroy();
  }
}

/** Reads a whole message. */
export async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
