import { MemoryStore } from '../../src/index.js';
import { sdl, startServer } from './apollo.js';

describe('a server that stops (G26)', () => {
  /** Runs until the test lets it end. */
  function gated(): { readonly end: () => void; readonly schema: ReturnType<typeof sdl> } {
    let end: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      end = resolve;
    });
    const pay = (): Promise<number> => gate.then(() => 1);
    const typeDefs = 'type Query { ping: String } type Mutation { pay: Int @idempotent }';
    return { end, schema: sdl(typeDefs, { Mutation: { pay } }) };
  }

  const headers = { 'idempotency-key': 'k1' };

  it('waits for what is in flight, and stores it', async () => {
    const store = new MemoryStore();
    const { schema, end } = gated();
    const server = await startServer(schema, { store });
    const answered = server.post('mutation { pay }', { headers });
    await new Promise((resolve) => setImmediate(resolve));
    const stopped = server.stop();
    end();
    await stopped;
    expect((await answered).body.data).toEqual({ pay: 1 });
    expect(server.events.map(({ type }) => type)).toEqual(['claimed', 'executed']);
    const next = await startServer(gated().schema, { store });
    expect((await next.post('mutation { pay }', { headers })).body.data).toEqual({ pay: 1 });
    await next.stop();
  });

  it('says what it did not wait for any longer', async () => {
    const { schema, end } = gated();
    const server = await startServer(schema, { drainTimeoutMs: 20 });
    const answered = server.post('mutation { pay }', { headers });
    await new Promise((resolve) => setImmediate(resolve));
    await server.stop();
    expect(server.events.slice(1)).toEqual([{ type: 'unfinished', executions: 1, writes: 0 }]);
    end();
    await answered;
  });

  it('says which outcomes it could not store', async () => {
    const { schema, end } = gated();
    const complete = () => Promise.reject(new Error('away'));
    const store = Object.assign(new MemoryStore(), { complete });
    const server = await startServer(schema, { store, drainTimeoutMs: 20 });
    end();
    const response = await server.post('mutation { pay }', { headers });
    expect(response.body.extensions?.idempotency).toMatchObject({ pay: { stored: false } });
    await server.stop();
    expect(server.events).toContainEqual({ type: 'unfinished', executions: 0, writes: 1 });
  });
});
