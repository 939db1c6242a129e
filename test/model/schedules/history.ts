import { setImmediate as turn } from 'node:timers/promises';
import type { Scheduler } from 'fast-check';
import { Engine, type Unfinished } from '../../../src/core/engine/engine.js';
import { createEvents } from '../../../src/core/events.js';
import type { Clock, IdempotencyStore } from '../../../src/index.js';
import type { Sightings } from '../../support/sightings.js';
import type { Ledger, RequestLine } from './ledger.js';
import {
  LEASE_MS,
  PROCESS_COUNT,
  STORE_TIMEOUT_MS,
  type Act,
  type Plan,
  type RequestPlan,
} from './plan.js';
import { Process } from './process.js';
import { FINGERPRINTS, OPERATIONS, requestOf, resultOf } from './requests.js';
import { unreliable } from './unreliable-store.js';
import { WitnessStore } from './witness-store.js';
import { World } from './world.js';
import { execute } from '../../support/execute.js';

/** How long a process that shuts down waits for what is under way. */
const DRAIN_MS = 5_000;
/** How long anything may still take once all faults have ended. */
const CALM_MS = 60_000;

/** What the engines of a history work on. */
export interface Ground {
  readonly open: (clock: Clock) => IdempotencyStore;
  /** See `unreliable`. */
  readonly keepsDeadlines: boolean;
}

interface Node {
  readonly process: Process;
  readonly engine: Engine;
}

/** Plays a plan in the scheduler's order, lets the faults end, and sends every request again. */
export async function playHistory(
  plan: Plan,
  scheduler: Scheduler,
  ground: Ground,
  sightings: Sightings,
): Promise<Ledger> {
  const world = new World(plan, scheduler, sightings);
  const witness = new WitnessStore(ground.open(world.clock), world);
  const nodes = Array.from({ length: PROCESS_COUNT }, (_, index) => {
    return startNode(`process ${index}`, index, world, witness, ground);
  });

  const leaving = new Set<Node>();
  for (const act of plan.acts) {
    await letHappen(world, `next: ${act.kind}`);
    if (act.kind === 'pass') {
      if (act.calm) await drainTasks(world);
      await world.clock.advance(act.ms);
    } else if (act.kind === 'request') {
      const node = nodes[act.request.process];
      if (node !== undefined) void receive(act.request, node, world, world.ledger.requests);
    } else {
      const node = nodes[act.process];
      if (node === undefined) continue;
      if (act.kind === 'pause' && act.inside) await untilBusy(node, world);
      leaving.add(node);
      void disturb(act, node, world).finally(() => leaving.delete(node));
    }
  }
  await drainTasks(world);

  world.healed = true;
  for (const { process } of nodes) process.resume();
  // A process at rest has no timer; a claim that nobody has heard of has been given up by then.
  const isAtRest = (node: Node): boolean =>
    !node.process.alive || (node.process.timers === 0 && !leaving.has(node));
  await calm(world, () => nodes.every(isAtRest) && world.ledger.requests.every(isOver(world)));
  // The last that the dead have sent arrives, be it a renewal; after that they have no lease.
  await world.clock.advance(LEASE_MS);
  await drainTasks(world);
  await world.clock.advance(LEASE_MS);

  world.isSequential = true;
  const survivors = nodes.filter(({ process }) => process.alive);
  const newcomer = startNode('newcomer', PROCESS_COUNT, world, witness, ground);
  // Twice: what is answered now is what the next one is told.
  for (const node of [...survivors, newcomer, newcomer]) await askAgain(node, world);
  for (const node of [...survivors, newcomer]) await retire(node, world);
  return world.ledger;
}

/** Sends every request that there can be, one after the other. */
async function askAgain(node: Node, world: World): Promise<void> {
  const { retries } = world.ledger;
  for (const fingerprint of FINGERPRINTS.keys()) {
    for (const key of world.plan.keys.keys()) {
      await receive({ process: PROCESS_COUNT, key, fingerprint }, node, world, retries);
      await calm(world, () => retries.every(({ settled }) => settled !== undefined));
    }
  }
}

function startNode(
  name: string,
  index: number,
  world: World,
  witness: WitnessStore,
  { keepsDeadlines }: Ground,
): Node {
  const process = new Process(name, world);
  let tokens = 0;
  const engine = new Engine({
    store: unreliable(witness.viewOf(name), process, world, keepsDeadlines),
    storeTimeoutMs: STORE_TIMEOUT_MS,
    clock: process.clock,
    randomBytes: (size) => Buffer.from([index, (tokens += 1)]).subarray(0, size),
    events: createEvents((event) => {
      world.sightings.note(`event ${event.type}`);
      // The others are about a server, and there is none here.
      if (!('operation' in event)) return;
      world.ledger.events.push({ type: event.type, key: OPERATIONS.indexOf(event.operation) });
    }),
  });
  return { process, engine };
}

/** A request reaches its process, unless that is dead. Does not wait for the answer. */
async function receive(
  request: RequestPlan,
  { process, engine }: Node,
  world: World,
  lines: RequestLine[],
): Promise<void> {
  await process.running();
  const keyPlan = world.plan.keys[request.key];
  if (keyPlan === undefined) return;
  const { ledger, sightings } = world;
  const line: RequestLine = {
    ...ledger.moment(),
    plan: request,
    process: process.name,
    settled: undefined,
  };
  lines.push(line);
  void resultOf(execute(engine, requestOf(line, keyPlan, process, world))).then((result) => {
    line.settled = { ...ledger.moment(), result };
    sightings.note(result.kind === 'refused' ? result.code : result.kind);
  });
}

/** Resolves when that is over; for a process that shuts down it is when it has drained. */
async function disturb(
  act: Exclude<Act, { kind: 'request' | 'pass' }>,
  { process, engine }: Node,
  { ledger }: World,
): Promise<void> {
  switch (act.kind) {
    case 'crash':
      process.die();
      return;
    case 'pause':
      process.pause(act.asleep);
      return;
    case 'go on':
      process.resume();
      return;
    case 'shut down': {
      // Not in the midst of what happens at once when a process goes on.
      await process.running();
      await turn();
      const giveUpAtMs = process.clock.now() + DRAIN_MS;
      const left = await engine.drain(DRAIN_MS);
      if (process.clock.now() < giveUpAtMs) checkDrained(process, left, ledger);
      engine.stop();
      process.die();
      return;
    }
    default:
      act satisfies never;
  }
}

/** Once a process has drained, nothing is left, and what it answered is stored or superseded. */
function checkDrained({ name }: Process, left: Unfinished, ledger: Ledger): void {
  if (left.executions > 0 || left.writes > 0) {
    ledger.violations.push(`${name} drained with something under way`);
  }
  for (const { process, key, fence, end } of ledger.entries) {
    if (process !== name || end?.how !== 'outcome') continue;
    const later = ledger.claims.filter((claim) => claim.key === key && claim.fence >= fence);
    if (later.length > 1 || later[0]?.ended) continue;
    ledger.violations.push(`${name} drained without what it had answered being stored`);
  }
}

/** Lets what is under way go on, in the scheduler's order, until it is time for what is next. */
async function letHappen(world: World, next: string): Promise<void> {
  const turnOf = { next: false };
  void world.travel(next).then(() => (turnOf.next = true));
  while (!turnOf.next) await goOn(world);
}

async function goOn({ scheduler }: World): Promise<void> {
  await scheduler.waitNext(1);
  await turn();
}

/** Lets things go on until a resolver of the process is at work, or nothing is left to go on. */
async function untilBusy({ process: { name } }: Node, world: World): Promise<void> {
  const isBusy = (): boolean =>
    world.ledger.entries.some(({ process, end }) => process === name && end === undefined);
  while (world.scheduler.count() > 0 && !isBusy()) await goOn(world);
}

async function drainTasks(world: World): Promise<void> {
  while (world.scheduler.count() > 0) await goOn(world);
}

/** Lets everything go on until `done`, or for as long as anything may take. */
async function calm(world: World, done: () => boolean): Promise<void> {
  const { clock } = world;
  const untilMs = clock.now() + CALM_MS;
  for (;;) {
    await drainTasks(world);
    if (done() || clock.now() > untilMs) return;
    await clock.advance(500);
  }
}

/** Ends a process as a server does, and looks whether anything of it is left. */
async function retire({ process, engine }: Node, world: World): Promise<void> {
  const { violations } = world.ledger;
  let left: Unfinished | undefined;
  void engine.drain(10 * STORE_TIMEOUT_MS).then((unfinished) => (left = unfinished));
  await calm(world, () => left !== undefined);
  const { executions, writes } = left ?? { executions: NaN, writes: NaN };
  if (executions !== 0 || writes !== 0) {
    violations.push(`${process.name}: drain left ${executions} requests and ${writes} writes`);
  }
  engine.stop();
  await calm(world, () => process.timers === 0);
  if (process.timers > 0) violations.push(`${process.name}: ${process.timers} timers are left`);
}

/** Whether nothing more can come of a request. */
function isOver({ ledger }: World): (line: RequestLine) => boolean {
  return ({ settled, process }) => settled !== undefined || ledger.dead.has(process);
}
