import { setImmediate as turn } from 'node:timers/promises';
import type { Scheduler } from 'fast-check';
import type { Unfinished } from '../../../src/core/engine/context.js';
import { Engine } from '../../../src/core/engine/engine.js';
import { createEvents } from '../../../src/core/events.js';
import type { Clock, IdempotencyStore } from '../../../src/index.js';
import type { Occurrences } from '../../support/occurrences.js';
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
import { Simulation } from './simulation.js';
import { execute } from '../../support/execute.js';

/** How long a process that shuts down waits for what is in flight. */
const DRAIN_MS = 5_000;
/** How long anything may still take once all faults have ended. */
const CALM_MS = 60_000;

/** What the engines of a history work on. */
export interface StoreSetup {
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
  storeSetup: StoreSetup,
  occurrences: Occurrences,
): Promise<Ledger> {
  const simulation = new Simulation(plan, scheduler, occurrences);
  const witness = new WitnessStore(storeSetup.open(simulation.clock), simulation);
  const nodes = Array.from({ length: PROCESS_COUNT }, (_, index) => {
    return startNode(`process ${index}`, index, simulation, witness, storeSetup);
  });

  const leaving = new Set<Node>();
  for (const act of plan.acts) {
    await letHappen(simulation, `next: ${act.kind}`);
    if (act.kind === 'pass') {
      if (act.calm) await drainTasks(simulation);
      await simulation.clock.advance(act.ms);
    } else if (act.kind === 'request') {
      const node = nodes[act.request.process];
      if (node !== undefined)
        void receive(act.request, node, simulation, simulation.ledger.requests);
    } else {
      const node = nodes[act.process];
      if (node === undefined) continue;
      if (act.kind === 'pause' && act.inside) await untilBusy(node, simulation);
      leaving.add(node);
      void disturb(act, node, simulation).finally(() => leaving.delete(node));
    }
  }
  await drainTasks(simulation);

  simulation.healed = true;
  for (const { process } of nodes) process.resume();
  // A process at rest has no timer; a claim that nobody has heard of has been given up by then.
  const isAtRest = (node: Node): boolean =>
    !node.process.alive || (node.process.timers === 0 && !leaving.has(node));
  await calm(
    simulation,
    () => nodes.every(isAtRest) && simulation.ledger.requests.every(isOver(simulation)),
  );
  // The last that the dead have sent arrives, be it a renewal; after that they have no lease.
  await simulation.clock.advance(LEASE_MS);
  await drainTasks(simulation);
  await simulation.clock.advance(LEASE_MS);

  simulation.isSequential = true;
  const survivors = nodes.filter(({ process }) => process.alive);
  const newcomer = startNode('newcomer', PROCESS_COUNT, simulation, witness, storeSetup);
  // Twice: what is answered now is what the next one is told.
  for (const node of [...survivors, newcomer, newcomer]) await askAgain(node, simulation);
  for (const node of [...survivors, newcomer]) await retire(node, simulation);
  return simulation.ledger;
}

/** Sends every request that there can be, one after the other. */
async function askAgain(node: Node, simulation: Simulation): Promise<void> {
  const { retries } = simulation.ledger;
  for (const fingerprint of FINGERPRINTS.keys()) {
    for (const key of simulation.plan.keys.keys()) {
      await receive({ process: PROCESS_COUNT, key, fingerprint }, node, simulation, retries);
      await calm(simulation, () => retries.every(({ settled }) => settled !== undefined));
    }
  }
}

function startNode(
  name: string,
  index: number,
  simulation: Simulation,
  witness: WitnessStore,
  { keepsDeadlines }: StoreSetup,
): Node {
  const process = new Process(name, simulation);
  let tokens = 0;
  const engine = new Engine({
    store: unreliable(witness.viewOf(name), process, simulation, keepsDeadlines),
    storeTimeoutMs: STORE_TIMEOUT_MS,
    clock: process.clock,
    randomBytes: (size) => Buffer.from([index, (tokens += 1)]).subarray(0, size),
    events: createEvents((event) => {
      simulation.occurrences.note(`event ${event.type}`);
      // The others are about a server, and there is none here.
      if (!('operation' in event)) return;
      simulation.ledger.events.push({ type: event.type, key: OPERATIONS.indexOf(event.operation) });
    }),
  });
  return { process, engine };
}

/** A request reaches its process, unless that is dead. Does not wait for the answer. */
async function receive(
  request: RequestPlan,
  { process, engine }: Node,
  simulation: Simulation,
  lines: RequestLine[],
): Promise<void> {
  await process.running();
  const keyPlan = simulation.plan.keys[request.key];
  if (keyPlan === undefined) return;
  const { ledger, occurrences } = simulation;
  const line: RequestLine = {
    ...ledger.moment(),
    plan: request,
    process: process.name,
    settled: undefined,
  };
  lines.push(line);
  void resultOf(execute(engine, requestOf(line, keyPlan, process, simulation))).then((result) => {
    line.settled = { ...ledger.moment(), result };
    occurrences.note(result.kind === 'refused' ? result.code : result.kind);
  });
}

/** Resolves when that is over; for a process that shuts down it is when it has drained. */
async function disturb(
  act: Exclude<Act, { kind: 'request' | 'pass' }>,
  { process, engine }: Node,
  { ledger }: Simulation,
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
    ledger.violations.push(`${name} drained with something in flight`);
  }
  for (const { process, key, fence, end } of ledger.entries) {
    if (process !== name || end?.how !== 'outcome') continue;
    const later = ledger.claims.filter((claim) => claim.key === key && claim.fence >= fence);
    if (later.length > 1 || later[0]?.ended) continue;
    ledger.violations.push(`${name} drained without what it had answered being stored`);
  }
}

/** Lets what is in flight go on, in the scheduler's order, until it is time for what is next. */
async function letHappen(simulation: Simulation, next: string): Promise<void> {
  const turnOf = { next: false };
  void simulation.travel(next).then(() => (turnOf.next = true));
  while (!turnOf.next) await goOn(simulation);
}

async function goOn({ scheduler }: Simulation): Promise<void> {
  await scheduler.waitNext(1);
  await turn();
}

/** Lets things go on until a resolver of the process is at work, or nothing is left to go on. */
async function untilBusy({ process: { name } }: Node, simulation: Simulation): Promise<void> {
  const isBusy = (): boolean =>
    simulation.ledger.entries.some(({ process, end }) => process === name && end === undefined);
  while (simulation.scheduler.count() > 0 && !isBusy()) await goOn(simulation);
}

async function drainTasks(simulation: Simulation): Promise<void> {
  while (simulation.scheduler.count() > 0) await goOn(simulation);
}

/** Lets everything go on until `done`, or for as long as anything may take. */
async function calm(simulation: Simulation, done: () => boolean): Promise<void> {
  const { clock } = simulation;
  const untilMs = clock.now() + CALM_MS;
  for (;;) {
    await drainTasks(simulation);
    if (done() || clock.now() > untilMs) return;
    await clock.advance(500);
  }
}

/** Ends a process as a server does, and looks whether anything of it is left. */
async function retire({ process, engine }: Node, simulation: Simulation): Promise<void> {
  const { violations } = simulation.ledger;
  let left: Unfinished | undefined;
  void engine.drain(10 * STORE_TIMEOUT_MS).then((unfinished) => (left = unfinished));
  await calm(simulation, () => left !== undefined);
  const { executions, writes } = left ?? { executions: NaN, writes: NaN };
  if (executions !== 0 || writes !== 0) {
    violations.push(`${process.name}: drain left ${executions} requests and ${writes} writes`);
  }
  engine.stop();
  await calm(simulation, () => process.timers === 0);
  if (process.timers > 0) violations.push(`${process.name}: ${process.timers} timers are left`);
}

/** Whether nothing more can come of a request. */
function isOver({ ledger }: Simulation): (line: RequestLine) => boolean {
  return ({ settled, process }) => settled !== undefined || ledger.dead.has(process);
}
