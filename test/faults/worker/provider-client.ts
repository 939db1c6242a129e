import { Agent, request as httpRequest } from 'node:http';
import type { NoteKind } from '../history.js';
import {
  readBody,
  type Charge,
  type OpenTransaction,
  type ProviderRequest,
  type WorkerLine,
} from '../provider.js';

/** A worker's connection to the payment provider. */
export interface ProviderClient {
  /** Makes an effect. With a downstream key the provider makes it once. */
  charge(line: WorkerLine, downstreamKey: string | null): Promise<Charge>;
  /** @throws Error when the key has another charge already */
  commit(transaction: OpenTransaction): Promise<void>;
  /** The charge of a downstream key. */
  lookUp(downstreamKey: string): Promise<Charge | null>;
  /** Adds to the ledger that a step's result has been recorded, or that a claim is given up. */
  note(kind: NoteKind, line: WorkerLine): Promise<void>;
  close(): void;
}

/** Connects to a provider. */
export function createProviderClient(socketPath: string): ProviderClient {
  const agent = new Agent({ keepAlive: true });

  async function ask(request: ProviderRequest): Promise<unknown> {
    const body = await new Promise<string>((resolve, reject) => {
      const call = httpRequest({ socketPath, agent, method: 'POST' }, (response) => {
        readBody(response).then(resolve, reject);
      });
      call.on('error', reject);
      call.end(JSON.stringify(request));
    });
    return JSON.parse(body);
  }

  return {
    charge: (line, downstreamKey) => ask({ ask: 'charge', line, downstreamKey }) as Promise<Charge>,
    async commit(transaction) {
      const isCommitted = await ask({ ask: 'commit', ...transaction });
      if (isCommitted !== true) throw new Error('The key has another charge already.');
    },
    lookUp: (downstreamKey) => ask({ ask: 'lookUp', downstreamKey }) as Promise<Charge | null>,
    async note(kind, line) {
      await ask({ ask: 'note', kind, line });
    },
    close() {
      agent.destroy();
    },
  };
}
