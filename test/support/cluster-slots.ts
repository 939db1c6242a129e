import type { RedisServer } from './redis-server.js';

const KEYS_AT_ONCE = 10;

/** The port of the primary that has each slot, in the eyes of one node. */
export async function slotOwners(node: RedisServer): Promise<Map<number, number>> {
  const owners = new Map<number, number>();
  const ranges = (await node.call('CLUSTER', 'SLOTS')) as [number, number, [string, number]][];
  for (const [from, to, [, port]] of ranges) {
    for (let slot = from; slot <= to; slot += 1) owners.set(slot, port);
  }
  return owners;
}

/**
 * The progress of a slot's move. `opened`: the old owner answers for the keys that it has, and sends
 * clients to the new one for others. `emptied`: it sends them there for all. Only in the end do clients
 * learn that the slot has moved.
 */
export type MoveStage = 'opened' | 'emptied';

/** A slot that is to move. */
export interface SlotMove {
  readonly slot: number;
  readonly from: RedisServer;
  readonly to: RedisServer;
  /** All of them: each is told who has the slot now. */
  readonly primaries: readonly RedisServer[];
  /** The move stands still until the promise settles. */
  readonly onStage: (stage: MoveStage) => Promise<void>;
}

/** Moves a slot with its keys, while clients may use it. */
export async function moveSlot({ slot, from, to, primaries, onStage }: SlotMove): Promise<void> {
  const [fromId, toId] = [await idOf(from), await idOf(to)];
  await to.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
  await from.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
  await onStage('opened');
  for (;;) {
    const keys = (await from.call('CLUSTER', 'GETKEYSINSLOT', slot, KEYS_AT_ONCE)) as string[];
    if (keys.length === 0) break;
    await from.call('MIGRATE', '127.0.0.1', to.port, '', 0, 1_000, 'KEYS', ...keys);
  }
  await onStage('emptied');
  // First the new owner: if it were the last to know, nobody would have the slot for a while.
  const others = primaries.filter((primary) => primary !== to && primary !== from);
  for (const primary of [to, from, ...others]) {
    await primary.call('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
  }
}

async function idOf(node: RedisServer): Promise<string> {
  return String(await node.call('CLUSTER', 'MYID'));
}
