import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

import { connectThrough, type ProxiedConnection } from './proxied-connection.js';
import { createPendingFaults, type FaultTrigger, type RequestFault } from './request-fault.js';

/**
 * Connections between clients and a server, whose fate a test decides.
 *
 * As in a real network, no bytes are lost from the middle of a connection: what is held goes on
 * later and in order, or is lost with the connection when that is cut.
 */
export interface TcpProxy {
  readonly port: number;
  /** The number of open connections. */
  readonly connections: number;
  /** Delays bytes in each direction, in milliseconds: 0 at first, Infinity holds them. */
  delay(delays: { readonly requestMs?: number; readonly replyMs?: number }): void;
  /** Takes connections and requests and never answers, until {@link pass}. */
  silence(): void;
  /** Lets everything flow again, also what was held. */
  pass(): void;
  /** Cuts every connection that is open. New ones are taken. */
  cut(): void;
  /** Sends new connections to another port; those that are open stay where they are. */
  redirect(targetPort: number): void;
  /** Makes one request meet a fault, once. Resolves when the fault has been carried out. */
  strike(trigger: FaultTrigger, fault: RequestFault): Promise<void>;
  /** Cuts everything and takes no more connections. */
  close(): Promise<void>;
}

/** Starts a proxy before a port of this machine. */
export async function startTcpProxy(port: number): Promise<TcpProxy> {
  const connections = new Set<ProxiedConnection>();
  const faults = createPendingFaults();
  let target = port;
  let delays = { requestMs: 0, replyMs: 0 };

  const server = createServer({ allowHalfOpen: true }, (client) => {
    const connection = connectThrough(client, target, {
      requestMs: () => delays.requestMs,
      replyMs: () => delays.replyMs,
      faultOf: (chunk) => faults.take(chunk),
      onClose: () => connections.delete(connection),
    });
    connections.add(connection);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function setDelays(changed: typeof delays): void {
    delays = changed;
    for (const connection of connections) connection.check();
  }
  function cut(): void {
    for (const connection of connections) connection.cut();
  }

  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections.size;
    },
    delay(changed) {
      setDelays({ ...delays, ...changed });
    },
    silence() {
      setDelays({ requestMs: Infinity, replyMs: Infinity });
    },
    pass() {
      setDelays({ requestMs: 0, replyMs: 0 });
    },
    cut,
    redirect(targetPort) {
      target = targetPort;
    },
    strike: (trigger, fault) => faults.add(trigger, fault),
    async close() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}
