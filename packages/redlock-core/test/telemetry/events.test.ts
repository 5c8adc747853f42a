import { channel } from 'node:diagnostics_channel';
import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { restart } from '../support/restart.js';
import { settle } from '../support/settle.js';
import { DOWN } from '../support/test-node.js';
import { heldElsewhere, TTL, world } from '../support/world.js';

test('telemetry: a lock has the events acquired, extended and released', async () => {
  const { redlock, seen } = world();
  const lock = await redlock.acquire('r', TTL);
  await lock.extend();
  await lock.release();
  expect(seen).toEqual([
    ['acquired', { lock, waited: 0, attempts: 1 }],
    ['extended', { lock }],
    ['released', { lock, confirmed: true }],
  ]);
});

test('telemetry: each denied attempt is contended, with its resources and votes', async () => {
  const { redlock, seen, time } = await heldElsewhere('r', { subscribers: 0 });
  const rejected = redlock.acquire(['r', 's'], TTL, { wait: 300 }).catch(() => null);
  await time.advance(300);
  await rejected;
  const denied = { node: 'a', result: 'denied', duration: 0 };
  const votes = [denied, { ...denied, node: 'b' }];
  const contended = ['contended', { resources: ['r', 's'], votes, owners: [] }];
  expect(seen).toEqual([contended, contended]);
});

test.each<[string, () => unknown]>([
  [
    'throws',
    () => {
      throw new Error('listener');
    },
  ],
  ['rejects', () => Promise.reject(new Error('listener'))],
])('telemetry: a listener that %s disturbs neither locks nor other listeners', async (_, fails) => {
  const { redlock, time, nodes } = world();
  const events = ['acquired', 'extended', 'released', 'lost', 'contended', 'nodeFailed'] as const;
  const heard = new Set<string>();
  for (const name of events) redlock.on(name, fails).on(name, () => heard.add(name));
  const lock = await redlock.acquire('r', TTL);
  expect(await redlock.tryAcquire('r', TTL)).toBeNull();
  await lock.extend();
  expect(await lock.release()).toBe(true);
  const { signal } = await redlock.acquire('r', TTL);
  for (const node of nodes) node.mode = DOWN;
  await time.advance(TTL);
  expect(signal.aborted).toBe(true);
  expect([...heard].toSorted()).toEqual([...events].toSorted());
});

test('telemetry: listeners are called in order, as often as they were added, until off or once removes them', async () => {
  const { redlock } = world();
  const calls: string[] = [];
  const [first, second, never] = ['first', 'second', 'never'].map((name) => () => {
    calls.push(name);
  }) as [() => void, () => void, () => void];
  const itself = (): void => {
    calls.push('itself');
    redlock.off('acquired', itself).off('lost', itself);
  };
  redlock.on('acquired', itself).once('acquired', () => calls.push('once'));
  redlock.once('acquired', never).off('acquired', never);
  redlock.on('acquired', first).on('acquired', second).on('acquired', first);
  await redlock.acquire('one', TTL);
  expect(calls.splice(0)).toEqual(['itself', 'once', 'first', 'second', 'first']);
  redlock.off('acquired', first).off('extended', second);
  await redlock.acquire('two', TTL);
  expect(calls).toEqual(['first', 'second']);
});

test('telemetry: events, errors and locks cannot be changed by their receivers', async () => {
  const { redlock, steal } = world();
  await steal('other', 'y');
  const refused: unknown[] = [];
  redlock.on('contended', ({ resources, votes }) => {
    for (const change of [
      () => (resources as string[]).shift(),
      () => (votes as unknown[]).pop(),
      () => Object.assign(votes[0] ?? {}, { result: 'granted' }),
    ]) {
      try {
        change();
      } catch (error) {
        refused.push(error);
      }
    }
  });
  const error = await rejectionOf(redlock.acquire(['x', 'y'], TTL, { wait: 0 }));
  expect(refused).toHaveLength(3);
  const votes = [{ result: 'denied' }, { result: 'denied' }];
  expect(error).toMatchObject({ resources: ['x', 'y'], votes });
  await steal(undefined, 'y');
  const lock = await redlock.acquire(['x', 'y'], TTL);
  expect(() => (lock.resources as string[]).shift()).toThrow(TypeError);
  expect(lock.resources).toEqual(['x', 'y']);
});

/** The messages of a channel. */
function listenTo(name: string) {
  const messages: unknown[] = [];
  const onMessage = (message: unknown): void => void messages.push(message);
  channel(name).subscribe(onMessage);
  return { messages, [Symbol.dispose]: () => channel(name).unsubscribe(onMessage) };
}

test('telemetry: the channel redlock:lost reports a lost lock once', async () => {
  using lost = listenTo('redlock:lost');
  const { redlock, time } = world();
  await redlock.acquire('r', 1000);
  await time.advance(2000);
  expect(lost.messages).toEqual([{ resources: ['r'], reason: 'EXPIRED' }]);
});

test('telemetry: the channel redlock:contended reports a denied attempt and the owners', async () => {
  using contended = listenTo('redlock:contended');
  const { redlock } = await heldElsewhere();
  await redlock.tryAcquire(['r', 's'], TTL);
  expect(contended.messages).toEqual([{ resources: ['r', 's'], owners: [] }]);
});

test('telemetry: the channel redlock:node reports failures, recoveries and quarantines', async () => {
  using nodes = listenTo('redlock:node');
  const { redlock, time, c } = world(3, { quarantineTime: 5000 });
  c.fail();
  await (await redlock.acquire('r', 1000)).release();
  c.mode = 'answer';
  await (await redlock.acquire('r', 1000)).release();
  await settle();
  const error = { name: 'Error', code: 'CONNECTION', message: DOWN.message };
  expect(nodes.messages.splice(0)).toEqual([
    { node: 'c', state: 'failed', error },
    { node: 'c', state: 'recovered' },
  ]);
  restart(c);
  await time.advance(5000);
  expect(nodes.messages).toMatchObject([
    { node: 'c', state: 'quarantined' },
    { node: 'c', state: 'trusted' },
  ]);
});
