import { connect, type Socket } from 'node:net';

import { ByteFlow } from './byte-flow.js';
import type { DueFault } from './request-fault.js';

/** The rules of a proxy for a connection. */
export interface ProxyRules {
  /** The current delay of requests, in milliseconds. */
  readonly requestMs: () => number;
  /** The current delay of replies, in milliseconds. */
  readonly replyMs: () => number;
  /** The fault that a request meets, if any. */
  readonly faultOf: (chunk: Buffer) => DueFault | undefined;
  /** Told once when the connection is over. */
  readonly onClose: () => void;
}

/** One connection through a proxy. */
export interface ProxiedConnection {
  /** Passes on what is due, after a change of the rules. */
  check(): void;
  /** Ends it on both sides. What is held is lost. */
  cut(): void;
}

/** Connects a client to a port of this machine. */
export function connectThrough(
  client: Socket,
  targetPort: number,
  rules: ProxyRules,
): ProxiedConnection {
  const server = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true });
  const sockets = [client, server];
  const lost = { requests: false, replies: false };
  const requests = new ByteFlow(server, () => (lost.requests ? Infinity : rules.requestMs()));
  const replies = new ByteFlow(client, () => (lost.replies ? Infinity : rules.replyMs()));
  let open = true;

  function cut(): void {
    if (!open) return;
    open = false;
    for (const flow of [requests, replies]) flow.close();
    for (const socket of sockets) socket.destroy();
    rules.onClose();
  }

  /** Waits for the reply, so that the request has been executed, and passes on only its beginning. */
  function cutReplyAfter(bytes: number, struck: () => void): void {
    let bytesLeft = bytes;
    server.removeAllListeners('data').on('data', (chunk: Buffer) => {
      const part = chunk.subarray(0, bytesLeft);
      bytesLeft -= part.length;
      client.write(part);
      if (bytesLeft > 0) return;
      server.removeAllListeners('data');
      client.end(() => {
        cut();
        struck();
      });
    });
  }

  function meet(chunk: Buffer, { fault, struck }: DueFault): void {
    if (typeof fault === 'object' && 'cutReplyAfter' in fault) {
      cutReplyAfter(fault.cutReplyAfter, struck);
      requests.push(chunk);
      return;
    }
    lost.requests ||= fault === 'loseRequest';
    lost.replies ||= fault === 'loseReply';
    if (fault === 'cut') cut();
    else requests.push(chunk, typeof fault === 'object' ? fault.delayMs : 0);
    struck();
  }

  client.on('data', (chunk) => {
    const due = rules.faultOf(chunk);
    if (due === undefined) requests.push(chunk);
    else meet(chunk, due);
  });
  server.on('data', (chunk) => {
    replies.push(chunk);
  });
  client.on('end', () => {
    requests.push('end');
  });
  server.on('end', () => {
    replies.push('end');
  });
  for (const socket of sockets) {
    socket.setNoDelay(true);
    socket.on('error', cut);
    socket.on('close', cut);
  }
  return {
    check() {
      requests.check();
      replies.check();
    },
    cut,
  };
}
