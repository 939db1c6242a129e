import { connect } from 'node:net';

/** An answer, as it came over the connection. */
export interface RawAnswer {
  readonly status: number;
  /** Header lines, lower case. */
  readonly head: string;
  readonly body: string;
}

/** Sends bytes as they are, which fetch would mend or refuse, and reads until the server hangs up. */
export function sendRaw(url: string, request: string | Buffer): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', ...body] = Buffer.concat(chunks).toString().split('\r\n\r\n');
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
      resolve({ status, head: head.toLowerCase(), body: body.join('\r\n\r\n') });
    });
    socket.write(request);
  });
}

/** A request with these header lines; it asks the server to hang up. */
export function requestOf(
  start: string,
  headers: readonly string[] = [],
  body: string | Buffer = '',
): Buffer {
  const bytes = Buffer.from(body);
  const length = bytes.length > 0 ? [`Content-Length: ${String(bytes.length)}`] : [];
  const host = headers.some((line) => /^host:/i.test(line)) ? [] : ['Host: localhost'];
  const lines = [`${start} HTTP/1.1`, ...host, 'Connection: close', ...headers, ...length];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), bytes]);
}
