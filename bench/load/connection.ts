import { connect, type Socket } from 'node:net';

/** What a server answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** One connection that sends one request after the other. */
export interface Connection {
  /** Calls back with the answer. One at a time. */
  send(request: Buffer, onAnswer: (answer: HttpAnswer) => void): void;
  close(): void;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * Opens a connection that does as little as possible for each request: what the load costs is taken
 * from what the servers have.
 *
 * @param onFailure - told when it ends before it is closed, or gives an answer of unknown length
 */
export async function openConnection(
  port: number,
  onFailure: (error: Error) => void,
): Promise<Connection> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  let answered: ((answer: HttpAnswer) => void) | undefined;
  let closed = false;
  socket.on('error', onFailure);
  socket.on('close', () => {
    if (!closed) onFailure(new Error('The server closed a connection.'));
  });
  readAnswers(socket, onFailure, (answer) => {
    const listener = answered;
    answered = undefined;
    listener?.(answer);
  });
  return {
    send(request, onAnswer) {
      answered = onAnswer;
      socket.write(request);
    },
    close() {
      closed = true;
      socket.destroy();
    },
  };
}

function readAnswers(
  socket: Socket,
  onFailure: (error: Error) => void,
  onAnswer: (answer: HttpAnswer) => void,
): void {
  let chunks: Buffer[] = [];
  let have = 0;
  let needed = 0;
  socket.on('data', (data) => {
    chunks.push(data);
    have += data.length;
    if (have < needed) return;
    const bytes = chunks.length === 1 ? data : Buffer.concat(chunks);
    const headEnd = bytes.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = bytes.toString('latin1', 0, headEnd);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
    if (Number.isNaN(length)) {
      onFailure(new Error(`An answer has no length: ${head}`));
      return;
    }
    const start = headEnd + HEAD_END.length;
    needed = start + length;
    if (have < needed) return;
    chunks = [];
    have = 0;
    needed = 0;
    onAnswer({ status: Number(head.slice(9, 12)), body: bytes.toString('utf8', start) });
  });
}
