import type { ApolloServerPlugin } from '@apollo/server';
import { OperationTypeNode } from 'graphql';
import { hash, randomUUID } from 'node:crypto';
import type { Payer, PayResolver } from './subjects.js';

const TTL_MS = 86_400_000;
const ENTRIES_MAX = 2_000;

interface Entry {
  readonly owner: string;
  readonly fingerprint: string;
  payload?: Buffer;
}

/**
 * The fewest steps around a resolver that keep an effect from happening twice, written by hand: no
 * leases, no waiting, no policies, no types beyond JSON.
 */
export class InProcessFloor {
  readonly #entries = new Map<string, Entry>();

  /** Takes the key from the header, and reports on the field in the extensions. */
  readonly plugin: ApolloServerPlugin<Payer> = {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation({ operation, contextValue, request }) {
          if (operation?.operation === OperationTypeNode.MUTATION) {
            contextValue.key = request.http?.headers.get('idempotency-key');
          }
          return Promise.resolve();
        },
        willSendResponse({ contextValue: { report }, response: { body } }) {
          if (report !== undefined && body.kind === 'single') {
            const { extensions } = body.singleResult;
            body.singleResult.extensions = { ...extensions, idempotency: { pay: report } };
          }
          return Promise.resolve();
        },
      }),
  };

  /** Protects a resolver. */
  around(resolve: PayResolver): PayResolver {
    return async (source, args, context) => {
      const id = hash('sha256', `${context.user}\0pay\0${String(context.key)}`, 'base64url');
      const fingerprint = hash('sha256', JSON.stringify(args), 'base64url');
      const owner = randomUUID();
      const found = await this.#begin(id, fingerprint, owner);
      if (found !== undefined) return JSON.parse(String(found.payload)) as object;
      const value = await resolve(source, args, context);
      await this.#complete(id, owner, Buffer.from(JSON.stringify(value)));
      const expiresAt = new Date(Date.now() + TTL_MS).toISOString();
      context.report = { status: 'executed', attempt: 1, expiresAt };
      return value;
    };
  }

  #begin(id: string, fingerprint: string, owner: string): Promise<Entry | undefined> {
    const found = this.#entries.get(id);
    if (found === undefined) this.#entries.set(id, { owner, fingerprint });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > ENTRIES_MAX && oldest !== undefined) this.#entries.delete(oldest);
    return Promise.resolve(found);
  }

  #complete(id: string, owner: string, payload: Buffer): Promise<void> {
    const found = this.#entries.get(id);
    if (found?.owner !== owner) return Promise.reject(new Error('The claim was lost.'));
    found.payload = payload;
    return Promise.resolve();
  }
}
