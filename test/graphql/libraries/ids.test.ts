import { createHash } from 'node:crypto';
import { Binary, Decimal128, ObjectId, UUID } from 'bson';
import { Map as ImmutableMap, List, Record as createRecord } from 'immutable';
import { testFamily, type Sample } from './samples.js';

const HEX = '0123456789abcdef01234567';
const UUID_TEXT = '0191f3a0-7d3c-7a51-9d0e-3f1c2b4a5d6e';
const Payment = createRecord({ id: 'p1', tags: List(['a', 'b']) }, 'Payment');

/** A thing whose id is what a library makes ids of. */
function idOf(library: string, what: string, kept: Sample['kept'], id: () => unknown): Sample {
  return {
    ...{ library, what, kept },
    make: () => ({ id: id(), name: 'n' }),
    fields: 'id: Text! name: String!',
    select: ['{ id name }', '{ name }'],
  };
}

testFamily('Ids, bytes and collections', [
  idOf('uuid, nanoid, ulid', 'string', 'value', () => UUID_TEXT),
  idOf('mongodb, bson', 'ObjectId', 'response', () => ObjectId.createFromHexString(HEX)),
  idOf('mongodb, bson', 'UUID', 'response', () => new UUID(UUID_TEXT)),
  idOf('mongodb, bson', 'Decimal128', 'response', () => Decimal128.fromString('12.34')),
  idOf('mongodb, bson', 'Binary', 'response', () => new Binary(Buffer.from('abc'))),
  idOf('Node.js', 'Buffer', 'value', () => createHash('sha256').update('a').digest()),
  idOf('JavaScript', 'Uint8Array', 'value', () => new Uint8Array([1, 2, 255])),
  idOf('JavaScript', 'URL', 'response', () => new URL('https://example.org/p/1?a=b')),
  idOf('JavaScript', 'RegExp', 'response', () => /^a$/u),
  {
    ...{ library: 'JavaScript', what: 'Map, Set', kept: 'value' },
    make: () => ({ tags: new Set(['a', 'b']), prices: new Map([['EUR', 5]]) }),
    fields: 'tags: [String!]! eur: Int',
    resolvers: { eur: ({ prices }: { prices: Map<string, number> }) => prices.get('EUR') },
    select: ['{ tags eur }', '{ eur }'],
  },
  {
    ...{ library: 'Immutable.js', what: 'Map, List', kept: 'response' },
    make: () => ImmutableMap({ id: 'p1', tags: List(['a', 'b']) }),
    fields: 'id: ID! tags: [String!]!',
    resolvers: {
      id: (thing: ImmutableMap<string, unknown>) => thing.get('id'),
      tags: (thing: ImmutableMap<string, unknown>) => thing.get('tags'),
    },
    select: ['{ id tags }', '{ id }'],
  },
  {
    ...{ library: 'Immutable.js', what: 'Record', kept: 'response' },
    make: () => Payment(),
    fields: 'id: ID! tags: [String!]!',
    select: ['{ id tags }', '{ id }'],
  },
]);
