import { ApolloServer } from '@apollo/server';
import { idempotencyPlugin, MemoryStore, type IdempotencyStore } from '../../src/index.js';
import { sdl, startServer } from './apollo.js';

const schema = sdl('type Query { ping: String } type Mutation { pay: Int @idempotent }', {
  Mutation: { pay: () => 1 },
});
const problems = ['maxmemory-policy is allkeys-lru.', 'appendonly is no.'];

/** A memory store that reports what it is told to. */
function storeThat(check: IdempotencyStore['check']): IdempotencyStore {
  return Object.assign(new MemoryStore(), { check });
}

describe('the check of the store at start (G25)', () => {
  it('tells listeners of events about each problem', async () => {
    const store = storeThat(() => Promise.resolve({ problems, refuses: false }));
    const server = await startServer(schema, { store });
    expect(server.events).toEqual(problems.map((problem) => ({ type: 'storeSetting', problem })));
    await server.stop();
  });

  it('warns the process if nobody listens to events', async () => {
    const emitWarning = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const store = storeThat(() => Promise.resolve({ problems, refuses: false }));
    const plugins = [idempotencyPlugin({ store, scope: 'global' })];
    const server = new ApolloServer({ schema, plugins, stopOnTerminationSignals: false });
    await server.start();
    expect(emitWarning.mock.calls.map(([warning]) => warning)).toEqual(problems);
    emitWarning.mockRestore();
    await server.stop();
  });

  it('keeps the server from starting if the store refuses', async () => {
    const store = storeThat(() => Promise.resolve({ problems, refuses: true }));
    await expect(startServer(schema, { store })).rejects.toThrow(
      'idempotencyPlugin refuses to start:\n' +
        '  - maxmemory-policy is allkeys-lru.\n  - appendonly is no.',
    );
  });

  it('lets the server start while the store is away', async () => {
    const error = new Error('away');
    const server = await startServer(schema, { store: storeThat(() => Promise.reject(error)) });
    expect(server.events).toEqual([{ type: 'storeFailure', error }]);
    await server.stop();
  });
});
