import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';
import { until } from './until.js';

/** A client of the proxy, and what it has seen. */
interface Visitor {
  readonly socket: Socket;
  readonly received: () => string;
  readonly ended: () => boolean;
}

describe('the TCP proxy', () => {
  let echo: Server;
  let requests: string;
  let proxy: TcpProxy;

  beforeEach(async () => {
    requests = '';
    echo = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        requests += data.toString();
        socket.write(`<${data.toString()}>`);
      });
    });
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
    proxy = await startTcpProxy((echo.address() as AddressInfo).port);
  });
  afterEach(async () => {
    await proxy.close();
    echo.close();
    await once(echo, 'close');
  });

  async function visit(): Promise<Visitor> {
    const socket = connect(proxy.port, '127.0.0.1');
    let received = '';
    let ended = false;
    socket.on('data', (data) => (received += data.toString()));
    socket.on('close', () => (ended = true));
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return { socket, received: () => received, ended: () => ended };
  }

  /** Sends a word and waits for its echo. */
  async function say({ socket, received }: Visitor, word: string): Promise<void> {
    socket.write(word);
    await until(() => received().endsWith(`<${word}>`));
  }

  it('passes bytes in both directions and ends with its client', async () => {
    const visitor = await visit();
    await say(visitor, 'one');
    await say(visitor, 'two');
    expect(visitor.received()).toBe('<one><two>');
    visitor.socket.end();
    await until(() => visitor.ended() && proxy.connections === 0);
  });

  it('delays each direction by itself', async () => {
    const visitor = await visit();
    await say(visitor, 'one');
    for (const delays of [{ requestMs: 60 }, { replyMs: 60 }]) {
      proxy.delay(delays);
      const sentAt = performance.now();
      await say(visitor, Object.keys(delays).join());
      expect(performance.now() - sentAt).toBeGreaterThanOrEqual(59);
      proxy.pass();
    }
  });

  it('holds requests or replies, and lets them go on in order', async () => {
    const visitor = await visit();
    await say(visitor, 'zero');
    proxy.delay({ replyMs: Infinity });
    visitor.socket.write('one');
    await until(() => requests === 'zeroone');
    proxy.delay({ requestMs: Infinity });
    visitor.socket.write('two');
    const other = await visit();
    other.socket.write('three');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([visitor.received(), other.received(), requests]).toEqual(['<zero>', '', 'zeroone']);
    proxy.pass();
    await until(() => visitor.received() === '<zero><one><two>' && other.received() === '<three>');
  });

  it('accepts and never answers while it is silent', async () => {
    proxy.silence();
    const visitor = await visit();
    visitor.socket.write('one');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([requests, visitor.received(), visitor.ended()]).toEqual(['', '', false]);
    proxy.cut();
    await until(visitor.ended);
    proxy.pass();
    await say(await visit(), 'two');
    expect(requests).toBe('two');
  });

  it('cuts the n-th request that matches, before the server sees it', async () => {
    const visitor = await visit();
    const struck = proxy.strike({ request: /t.o/, nth: 2 }, 'cut');
    await say(visitor, 'two');
    await say(visitor, 'one');
    visitor.socket.write('two');
    await struck;
    await until(visitor.ended);
    expect(requests).toBe('twoone');
    await say(await visit(), 'two');
  });

  it.each([
    [0, '<one>'],
    [3, '<one><tw'],
  ])(
    'cuts after the server has seen the request and %i bytes of its reply',
    async (bytes, seen) => {
      const visitor = await visit();
      const struck = proxy.strike({ request: 'two' }, { cutReplyAfter: bytes });
      await say(visitor, 'one');
      visitor.socket.write('two');
      await struck;
      await until(visitor.ended);
      expect([requests, visitor.received()]).toEqual(['onetwo', seen]);
    },
  );

  it('loses a request or a reply without a sign', async () => {
    for (const [fault, seen] of [
      ['loseRequest', 'one'],
      ['loseReply', 'onetwo'],
    ] as const) {
      requests = '';
      const visitor = await visit();
      const struck = proxy.strike({ request: 'two' }, fault);
      await say(visitor, 'one');
      visitor.socket.write('two');
      await struck;
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect([requests, visitor.received(), visitor.ended()]).toEqual([seen, '<one>', false]);
    }
  });

  it('delays one request and what follows it', async () => {
    const visitor = await visit();
    await say(visitor, 'one');
    const struck = proxy.strike({ request: 'two' }, { delayMs: 60 });
    const sentAt = performance.now();
    await say(visitor, 'two');
    await struck;
    expect(performance.now() - sentAt).toBeGreaterThanOrEqual(59);
  });

  it('sends new connections elsewhere when it is redirected', async () => {
    const elsewhere = createServer((socket) => socket.end('elsewhere'));
    elsewhere.listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const before = await visit();
    await say(before, 'one');
    proxy.redirect((elsewhere.address() as AddressInfo).port);
    await say(before, 'two');
    const after = await visit();
    await until(() => after.received() === 'elsewhere');
    after.socket.destroy();
    elsewhere.close();
    await once(elsewhere, 'close');
  });
});
