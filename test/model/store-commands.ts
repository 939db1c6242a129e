import assert from 'node:assert/strict';
import fc, { type AsyncCommand } from 'fast-check';
import type { Claimed, StoredOutcome } from '../../src/index.js';
import { stepText, type ModelOutcome } from './record-model.js';
import { choices } from './store-choices.js';
import type { StoreModel } from './store-model.js';
import { ONCE, type RedisSubject, type Subject } from './subject.js';

/** One command of a sequence. It can always run. */
type StoreCommand = AsyncCommand<StoreModel, Subject>;

function command<T>(
  name: string,
  choice: fc.Arbitrary<T>,
  run: (choice: T, model: StoreModel, subject: Subject) => Promise<void>,
): fc.Arbitrary<StoreCommand> {
  return choice.map((chosen) => ({
    check: () => true,
    run: (model, subject) => run(chosen, model, subject),
    toString: () => `${name}(${fc.stringify(chosen)})`,
  }));
}

/** An outcome as the model has it. */
function outcomeOf(outcome: StoredOutcome, { epochMs }: Subject): ModelOutcome {
  const payload = Buffer.from(outcome.payload).toString('hex');
  return { ...outcome, payload, expiresAtMs: outcome.expiresAtMs - epochMs };
}

/** What a look at a record found, as the model has it; the reason is for logs. */
function foundOf(
  reply: { readonly kind: string; readonly outcome?: StoredOutcome },
  subject: Subject,
): object {
  if (reply.kind === 'unreadable') return { kind: reply.kind };
  return reply.outcome === undefined
    ? reply
    : { ...reply, outcome: outcomeOf(reply.outcome, subject) };
}

function stepsOf({ steps }: Claimed): Map<string, string> {
  return new Map([...steps].map(([name, { state, payload }]) => [name, stepText(state, payload)]));
}

const begin = command('begin', choices.begin, async (chosen, model, subject) => {
  const target = model.targets[chosen.which];
  const { record, id: recordId } = target;
  const owner = target.ownerOf(chosen.who);
  const fingerprint = target.fingerprintOf(chosen.otherArguments);
  const { leaseMs, retentionMs, onLapse, waits, timeoutMs } = chosen;
  const request = { recordId, owner, fingerprint, leaseMs, retentionMs, onLapse, waits, timeoutMs };
  const expected = model.deliver(chosen.delivery, timeoutMs, (nowMs, late) =>
    record.begin(request, nowMs, late),
  );
  const asked = subject.deliver(chosen.delivery, () => subject.store.begin(request));
  if (expected === 'late') {
    await assert.rejects(asked, /after its deadline/);
    model.occurrences.note('begin: late');
    return;
  }
  const reply = await asked;
  if (expected.kind !== 'claimed' || reply.kind !== 'claimed') {
    assert.deepEqual(foundOf(reply, subject), expected);
    model.occurrences.note(`begin: ${reply.kind}`);
    return;
  }
  const { fence } = reply;
  assert.deepEqual({ ...reply, steps: stepsOf(reply) }, { ...expected, fence });
  if (expected.fence === undefined) assert.ok(fence > record.fenceMax, 'The fence did not grow.');
  else assert.equal(fence, expected.fence);
  target.learn(owner, fence, reply.attempt);
  const found = expected.fence === undefined ? `after ${reply.previous}` : 'again';
  model.occurrences.note(`begin: claimed ${found}`);
});

const peek = command('peek', choices.peek, async (chosen, model, subject) => {
  const target = model.targets[chosen.which];
  const { record, id: recordId } = target;
  const fingerprint = target.fingerprintOf(chosen.otherArguments);
  const expected = model.deliver(chosen.delivery, 0, (nowMs) => record.look(fingerprint, nowMs));
  const reply = await subject.deliver(chosen.delivery, () =>
    subject.store.peek({ recordId, fingerprint }),
  );
  assert.deepEqual(foundOf(reply, subject), expected);
  model.occurrences.note(`peek: ${reply.kind}`);
});

const complete = command('complete', choices.complete, async (chosen, model, subject) => {
  const target = model.targets[chosen.which];
  const { record, id: recordId } = target;
  const owner = target.ownerOf(chosen.who);
  const fingerprint = target.fingerprintOf(chosen.otherArguments);
  const { ending, ttlMs } = chosen;
  const request = { recordId, owner, fingerprint, ...target.claimOf(owner), ...ending, ttlMs };
  await target.hearing(subject, async () => {
    const expected = model.deliver(chosen.delivery, 0, (nowMs) => record.complete(request, nowMs));
    const reply = await subject.deliver(chosen.delivery, () => subject.store.complete(request));
    switch (reply.kind) {
      case 'stored': {
        assert.deepEqual({ ...reply, expiresAtMs: reply.expiresAtMs - subject.epochMs }, expected);
        model.occurrences.note(`complete: ${reply.recreated ? 'put back' : 'stored'}`);
        return;
      }
      case 'superseded': {
        const outcome = reply.outcome && outcomeOf(reply.outcome, subject);
        assert.deepEqual({ ...reply, outcome }, expected);
        model.occurrences.note(`complete: superseded ${outcome ? 'by an outcome' : 'by a claim'}`);
        return;
      }
      case 'unreadable':
        assert.deepEqual({ kind: reply.kind }, expected);
        model.occurrences.note('complete: unreadable');
        return;
      default:
        reply satisfies never;
    }
  });
});

const renew = command('renew', choices.renew, async (chosen, model, subject) => {
  const { which, who, leaseMs, retentionMs, both } = chosen;
  const [first, second] = model.targets;
  const targets = both ? [first, second] : [model.targets[which]];
  const requests = targets.map((target) => ({
    recordId: target.id,
    owner: target.ownerOf(who),
    leaseMs,
    retentionMs,
  }));
  // Two are several commands on the way; only a single one is sent again.
  const delivery = both ? ONCE : chosen.delivery;
  const expected = model.deliver(delivery, 0, (nowMs) =>
    requests.map((request, index) => targets[index]?.record.renew(request, nowMs)),
  );
  const replies = await subject.deliver(delivery, () =>
    Promise.all(requests.map((request) => subject.store.renew(request))),
  );
  assert.deepEqual(replies, expected);
  for (const reply of replies) model.occurrences.note(`renew: ${reply}`);
});

const step = command('step', choices.step, async (chosen, model, subject) => {
  const target = model.targets[chosen.which];
  const { name, progress, leaseMs, timeoutMs } = chosen;
  const owner = target.ownerOf(chosen.who);
  const request = { recordId: target.id, owner, name, ...progress, leaseMs, timeoutMs };
  const expected = model.deliver(chosen.delivery, timeoutMs, (nowMs, late) =>
    target.record.step(request, nowMs, late),
  );
  const asked = subject.deliver(chosen.delivery, () => subject.store.step(request));
  if (expected === 'late') await assert.rejects(asked, /after its deadline/);
  else assert.equal(await asked, expected);
  model.occurrences.note(`step: ${expected}`);
});

const release = command('release', choices.release, async (chosen, model, subject) => {
  const target = model.targets[chosen.which];
  const { mode } = chosen;
  const owner = target.ownerOf(chosen.who);
  await target.hearing(subject, async () => {
    const expected = model.deliver(chosen.delivery, 0, () => target.record.release(owner, mode));
    const request = { recordId: target.id, owner, mode };
    const reply = await subject.deliver(chosen.delivery, () => subject.store.release(request));
    assert.equal(reply, expected);
    model.occurrences.note(`release: ${reply}`);
  });
});

const watch = command('watch', choices.which, async ({ which }, model, subject) => {
  await model.targets[which].watch(subject);
});

const unwatch = command('unwatch', choices.which, ({ which }, model) => {
  model.targets[which].unwatch();
  return Promise.resolve();
});

const pass = command('pass', choices.pass, async ({ ms }, model, subject) => {
  model.pass(ms);
  await subject.pass(ms);
});

/** A command that only happens to Redis. */
function redisCommand<T>(
  name: string,
  choice: fc.Arbitrary<T>,
  run: (choice: T, model: StoreModel, redis: RedisSubject) => unknown,
): fc.Arbitrary<StoreCommand> {
  return command(name, choice, async (chosen, model, { redis }) => {
    assert.ok(redis !== undefined);
    await run(chosen, model, redis);
  });
}

const jump = redisCommand('jump', choices.jump, ({ ms }, model, redis) => {
  model.jump(ms);
  redis.jump(ms);
});

const forgetScripts = redisCommand('forgetScripts', choices.nothing, (_, _model, redis) =>
  redis.forgetScripts(),
);

const lose = redisCommand('lose', choices.which, ({ which }, model, redis) => {
  const { record, id } = model.targets[which];
  record.lose();
  return redis.lose(id);
});

const damage = redisCommand('damage', choices.damage, ({ which, bytes }, model, redis) => {
  const { record, id } = model.targets[which];
  record.damage();
  return redis.damage(id, bytes);
});

const LENGTH = { maxCommands: 40, size: 'max', disableReplayLog: true } as const;

const anywhere = [
  ...[begin, begin, begin, begin, begin],
  ...[peek, complete, renew, step, step, release],
  ...[watch, unwatch, pass, pass],
];

/** Sequences that any store can meet. */
export const storeCommands = fc.commands(anywhere, LENGTH);

/** Sequences that a store on Redis can meet. */
export const redisCommands = fc.commands(
  [...anywhere, ...anywhere, ...anywhere, jump, forgetScripts, lose, damage],
  LENGTH,
);
