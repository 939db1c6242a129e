import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, type Socket } from 'node:net';

/** The parts of a request that show its origin. */
interface Origin {
  readonly headers: IncomingHttpHeaders;
  readonly socket: Pick<Socket, 'remoteAddress' | 'remoteFamily' | 'localPort'>;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** The host names of this machine, without the port. */
const OWN_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Whether a request was sent on this machine and to a name of this machine. A page that points its
 * own name at 127.0.0.1 is not: `Host` still says that name.
 */
export function isOnThisMachine({ headers, socket }: Origin): boolean {
  const { remoteAddress = '', remoteFamily, localPort } = socket;
  if (!LOOPBACK.check(remoteAddress, remoteFamily === 'IPv6' ? 'ipv6' : 'ipv4')) return false;
  // A proxy on this machine brings requests of others.
  if (headers.forwarded !== undefined || headers['x-forwarded-for'] !== undefined) return false;
  return OWN_NAMES.some((name) => headers.host === hostOf(name, localPort));
}

/** Whether a request was sent by a page that this server served on this machine. */
export function isOwnPage(request: Origin): boolean {
  const { host = '', origin } = request.headers;
  return isOnThisMachine(request) && origin === `http://${host}`;
}

/** As a browser writes it: without the port that `http:` has anyway. */
function hostOf(name: string, port: number | undefined): string {
  return port === 80 ? name : `${name}:${String(port)}`;
}
