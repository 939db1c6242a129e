import { Agent, request as httpRequest } from 'node:http';
import { formatFault, type Fault } from './fault.js';
import type { Receipt } from './history.js';
import { readBody } from './provider.js';
import type { RecordIdentity } from './record.js';

/** A request as a client sends it. */
export interface Call extends RecordIdentity {
  readonly amount: number;
  readonly timeoutMs: number;
  readonly fault?: Fault | undefined;
  /** The duration of the effect, in milliseconds. */
  readonly delayMs?: number | undefined;
}

/** The answer to a request. */
export interface CallResult {
  readonly code: string;
  readonly receipt: Receipt | undefined;
  readonly notStored: boolean;
  readonly replayed: boolean;
  readonly kept?: string | undefined;
}

/** A client that sends GraphQL requests to workers. */
export interface Client {
  /** Never rejects: the code says what went wrong. */
  call(port: number, call: Call): Promise<CallResult>;
  close(): void;
}

interface BodyError {
  readonly message: string;
  readonly extensions?: { readonly code?: string };
}

interface Body {
  readonly data?: { readonly receipt?: Receipt | null } | null;
  readonly errors?: readonly BodyError[];
  readonly extensions?: {
    readonly idempotency?: {
      readonly receipt?: { status?: string; stored?: boolean; kept?: string };
    };
  };
}

/** Creates a client that keeps its connections. */
export function createClient(): Client {
  const agent = new Agent({ keepAlive: true });
  return {
    async call(port, call) {
      let text: string;
      try {
        text = await post(agent, port, call);
      } catch {
        return { code: 'NO_ANSWER', receipt: undefined, notStored: false, replayed: false };
      }
      return read(JSON.parse(text) as Body);
    },
    close() {
      agent.destroy();
    },
  };
}

function post(agent: Agent, port: number, call: Call): Promise<string> {
  const { scope, operation, key, amount, timeoutMs, fault, delayMs } = call;
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    authorization: scope,
    'idempotency-key': key,
  };
  if (fault !== undefined) headers['x-fault'] = formatFault(fault);
  if (delayMs !== undefined) headers['x-delay-ms'] = String(delayMs);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ agent, port, host: '127.0.0.1', method: 'POST', headers });
    const timer = setTimeout(() => request.destroy(new Error('No answer in time.')), timeoutMs);
    request.on('response', (response) => {
      readBody(response).then(resolve, reject);
    });
    request.on('error', reject);
    request.on('close', () => {
      clearTimeout(timer);
    });
    const query = `mutation($amount: Int!) { receipt: ${operation}(amount: $amount) { charge echo attempt seal } }`;
    request.end(JSON.stringify({ query, variables: { amount } }));
  });
}

function read({ data, errors, extensions }: Body): CallResult {
  const error = errors?.[0];
  const report = extensions?.idempotency?.receipt;
  const receipt = data?.receipt ?? undefined;
  return {
    code: error === undefined ? 'OK' : codeOf(error),
    receipt,
    notStored: report?.stored === false,
    replayed: report?.status === 'replayed',
    kept: report?.kept,
  };
}

/** The code of an error, or the message of one without: a violation has to say what went wrong. */
function codeOf({ message, extensions }: BodyError): string {
  const code = extensions?.code ?? 'INTERNAL_SERVER_ERROR';
  return code === 'INTERNAL_SERVER_ERROR' ? message : code;
}
