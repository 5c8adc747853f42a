import { describe, expect, test } from '@jest/globals';
import { cost } from '../../src/oracles/waiting/cost.js';
import { keeping } from '../../src/oracles/waiting/keep.js';
import { notify } from '../../src/oracles/waiting/notify.js';
import { order } from '../../src/oracles/waiting/order.js';
import { prompt } from '../../src/oracles/waiting/prompt.js';
import { queues } from '../../src/oracles/waiting/queues.js';
import type { QueueEntry } from '../../src/server/commands.js';
import { entry, History, leave, request, WINDOW, type Step } from './history.js';

const PERMITS = {
  semaphore: { name: 'a', permits: 2 },
  resources: ['{a}:permit:0', '{a}:permit:1'] as const,
};
const QUEUE_OF_PERMITS = '{a}:permits:waiting';
const LEASE = { lease: 1000, window: WINDOW, keep: 0 };

function told(ticket: number, permit?: number, receivers = 1) {
  const text = permit === undefined ? `${ticket}` : `${ticket} ${permit}`;
  return { channel: `redlock:notify:p${ticket}.1`, text, receivers };
}

/** A queue that a command does not change. */
function staying(...entries: readonly QueueEntry[]) {
  return { before: entries, after: entries };
}

const asksToKeep = (token: string, keep: number) =>
  request(token, 5, { keys: ['a', 'b'], entry: { lease: 1000, window: WINDOW, keep } });
const waitingForBoth = (): History => {
  const history = new History(keeping);
  history.wait('p1', {}, ['a', 'b']);
  return history.pass(1000);
};
function notifiedWaiter(): History {
  const history = new History((scene, clients) => prompt(scene, { clients }));
  history.wait('p5');
  return history.send('p5', request('t', 5)).emit('heard', history.process('p5'), 0, '5');
}

const callsOf = (requests: number): History => {
  const history = new History(cost);
  for (let call = 0; call < 10; call++) {
    const wait = history.wait('p5', { pollInterval: 1000 });
    for (let i = 0; i < requests; i++) history.send('p5', request(`${call}.${i}`, call + 1));
    history.grant('p5', `${call}`);
    history.scene.waitEnds(wait);
  }
  return history;
};

describe('order', () => {
  const grant: Step = { operations: [request('t', 5)], keys: { a: 't' } };

  test.each<[string, Step]>([
    ['to the lowest ticket', { ...grant, before: [entry(5), entry(6)], after: [entry(6)] }],
    ['past an entry whose time has ended', { ...grant, ...staying(entry(4, { until: 0 })) }],
    [
      'to a shared request behind a shared one',
      {
        operations: [request('t', 5, { shares: true })],
        keys: { a: 't' },
        ...staying(entry(4, { shares: true })),
      },
    ],
  ])('waiting: the oracle order accepts a grant %s', (_what, step) => {
    expect(new History(order).step(step).violation).toBeNull();
  });

  test.each<[string, Step]>([
    ['a grant past a lower ticket', { ...grant, ...staying(entry(4)) }],
    [
      'a grant without a ticket past a waiter',
      { operations: [request('t', null)], keys: { a: 't' }, ...staying(entry(9)) },
    ],
    [
      'a grant past an equal ticket with a lower channel',
      { ...grant, ...staying(entry(5, { channel: 'redlock:notify:p1.1' })) },
    ],
    [
      'a shared grant past an exclusive waiter',
      { operations: [request('t', 5, { shares: true })], keys: { a: 't' }, ...staying(entry(4)) },
    ],
    [
      'an entry that is dropped before its time',
      { operations: [request('t', 5)], before: [entry(7)], after: [] },
    ],
  ])('waiting: the oracle order reports %s', (_what, step) => {
    expect(new History(order).step(step).violation?.oracle).toBe('order');
  });

  test('waiting: the oracle order reports a permit that is granted past as many waiters as permits are free', () => {
    const before = [entry(3, { permits: 2 }), entry(4, { permits: 2 })];
    const step = {
      operations: [request('t', 5, { permit: 1 })],
      keys: { '{a}:permit:1': 't' },
      queue: QUEUE_OF_PERMITS,
    };
    const history = (waiters: typeof before) =>
      new History(order, PERMITS).step({ ...step, before: waiters, after: waiters });
    expect(history(before.slice(1)).violation).toBeNull();
    expect(history(before).violation?.oracle).toBe('order');
    // A waiter that may not use the free permits is not ahead.
    expect(history([...before.slice(1), entry(2, { permits: 0 })]).violation).toBeNull();
  });

  test('waiting: the oracle order reports a ticket that is inherited for longer than 100 ms', () => {
    const history = new History(order);
    history
      .send('p1', request('t', 5))
      .grant('p1', 't')
      .pass(90)
      .send('p1', leave('t', 5), request('u', 5));
    expect(history.violation).toBeNull();
    expect(history.pass(20).send('p1', leave('u', 5), request('v', 5)).violation?.oracle).toBe(
      'order',
    );
  });
});

describe('notify', () => {
  const notified = entry(5, { isNotified: true, until: WINDOW });
  const freed: Step = { operations: [leave('t', 1)], before: [entry(5), entry(6)] };

  test('waiting: the oracle notify accepts a release that notifies the first waiter', () => {
    const step = { ...freed, after: [notified, entry(6)], messages: [told(5)] };
    expect(new History(notify).step(step).violation).toBeNull();
  });

  test.each<[string, Step]>([
    ['a release that notifies no waiter', { ...freed, after: [entry(5), entry(6)] }],
    [
      'a release that notifies the second waiter',
      {
        ...freed,
        after: [entry(5), entry(6, { isNotified: true, until: WINDOW })],
        messages: [told(6)],
      },
    ],
    [
      'a release that notifies one of two shared waiters',
      {
        operations: [leave('t', 1)],
        before: [entry(5, { shares: true }), entry(6, { shares: true })],
        after: [
          entry(5, { shares: true, isNotified: true, until: WINDOW }),
          entry(6, { shares: true }),
        ],
        messages: [told(5)],
      },
    ],
    [
      'an entry that is notified and not marked',
      { ...freed, after: [entry(5), entry(6)], messages: [told(5)] },
    ],
    [
      'an entry that is marked for longer than its window',
      { ...freed, after: [entry(5, { isNotified: true }), entry(6)], messages: [told(5)] },
    ],
    [
      'an entry that stays although no subscriber has received its notification',
      { ...freed, after: [notified, entry(6)], messages: [told(5, undefined, 0)] },
    ],
    [
      'a second notification within the window',
      { operations: [request('t', 9)], ...staying(notified), messages: [told(5)] },
    ],
    [
      'a request that has a waiter behind it notified',
      { operations: [request('t', 4)], before: [entry(5)], after: [notified], messages: [told(5)] },
    ],
    [
      'a request that has two waiters notified',
      {
        operations: [request('t', 9)],
        before: [entry(5), entry(6)],
        after: [notified, entry(6, { isNotified: true, until: WINDOW })],
        messages: [told(5), told(6)],
      },
    ],
  ])('waiting: the oracle notify reports %s', (_what, step) => {
    expect(new History(notify).step(step).violation?.oracle).toBe('notify');
  });

  test.each<[string, number, string | undefined]>([
    ['accepts the notification of a waiter that may use the permit', 2, undefined],
    ['reports the notification of a waiter that may not use the permit', 1, 'notify'],
  ])('waiting: the oracle notify %s', (_what, permits, oracle) => {
    const step: Step = {
      operations: [leave('t', 1, 1)],
      queue: QUEUE_OF_PERMITS,
      before: [entry(5, { permits })],
      after: [entry(5, { permits, isNotified: true, until: WINDOW })],
      messages: [told(5, 1)],
    };
    const { violation } = new History(notify, PERMITS).step(step);
    expect(violation?.oracle).toBe(oracle);
  });
});

describe('keep', () => {
  const both = ['a', 'b'];
  const asks = (keep: number) =>
    request('t', 5, { keys: both, entry: { lease: 1000, window: WINDOW, keep } });
  const denied = { operations: [asks(50)], keys: { b: 'other' } };

  test.each<[string, Step, string | undefined]>([
    [
      'accepts a key that is kept',
      { ...denied, before: [entry(5)], after: [entry(5, { isNotified: true, until: 50 })] },
      undefined,
    ],
    [
      'reports a key that is kept for longer than was asked',
      { ...denied, before: [entry(5)], after: [entry(5, { isNotified: true, until: 90 })] },
      'keep',
    ],
    [
      'reports a key that is kept although the waiter was not in its queue',
      { ...denied, after: [entry(5, { isNotified: true, until: 50 })] },
      'keep',
    ],
    [
      'reports a key that is given up and stays kept',
      { operations: [asks(0)], keys: { b: 'other' }, ...staying(entry(5)) },
      'keep',
    ],
    [
      'reports a denied waiter that is not in the queue',
      { operations: [asks(50)], keys: { a: 'other' } },
      'keep',
    ],
  ])('waiting: the oracle keep %s', (_what, step, oracle) => {
    const { violation } = new History(keeping).step(step);
    expect(violation?.oracle).toBe(oracle);
  });

  test('waiting: the oracle keep reports a waiter that keeps keys for more than a tenth of its wait, or again without giving them up', () => {
    expect(waitingForBoth().send('p1', asksToKeep('t', 500)).violation?.oracle).toBe('keep');
    expect(waitingForBoth().send('p1', asksToKeep('t', 100)).violation).toBeNull();
    const keepFor = (history: History, token: string, keep: number): History => {
      const { now } = history.world;
      const kept = { before: [entry(5, { until: 5000 })], keys: { b: 'other' } };
      const after = [entry(5, { isNotified: true, until: Math.floor(now) + keep })];
      return history.step({
        operations: [asksToKeep(token, keep)],
        ...kept,
        after: keep > 0 ? after : [],
      });
    };
    const again = keepFor(keepFor(waitingForBoth(), 't', 100).pass(60), 'u', 40);
    expect(again.violation).toBeNull();
    expect(keepFor(keepFor(again.pass(20), 'v', 0), 'w', 100).violation).toBeNull();
    expect(keepFor(again.pass(60), 'x', 100).violation?.oracle).toBe('keep');
  });
});

describe('prompt', () => {
  test('waiting: the oracle prompt reports a waiter that is notified and does not request soon', () => {
    expect(notifiedWaiter().pass(10).send('p5', request('u', 5)).violation).toBeNull();
    expect(notifiedWaiter().pass(100).send('p5', request('u', 5)).violation?.oracle).toBe('prompt');
    const disturbed = notifiedWaiter();
    disturbed.scene.disturbances.note(0);
    expect(disturbed.pass(100).send('p5', request('u', 5)).violation).toBeNull();
  });

  test('waiting: the oracle prompt reports a free key that a waiter wants, after a poll and the windows', () => {
    const history = new History((scene, clients) => prompt(scene, { clients }));
    history.wait('p5', { pollInterval: 100 });
    history.send('p1', request('x', null)).pass(550).send('p1', request('y', null));
    expect(history.violation).toBeNull();
    expect(history.pass(300).send('p1', request('z', null)).violation?.oracle).toBe('prompt');
  });
});

describe('queues', () => {
  const enters = { operations: [request('t', 5, { entry: LEASE })] };

  test.each<[string, Step, string | undefined]>([
    ['accepts an entry for its lease', { ...enters, after: [entry(5)] }, undefined],
    [
      'reports an entry that outlasts its lease',
      { ...enters, after: [entry(5, { until: 2000 })] },
      'queues',
    ],
    [
      'reports a request that is granted and stays in the queue',
      { ...enters, keys: { a: 't' }, after: [entry(5)] },
      'queues',
    ],
    [
      'reports a waiter that is in a queue twice',
      { ...enters, after: [entry(5), entry(5, { until: 999 })] },
      'queues',
    ],
  ])('waiting: the oracle queues %s', (_what, step, oracle) => {
    const { violation } = new History(queues).step(step);
    expect(violation?.oracle).toBe(oracle);
  });

  test('waiting: the oracle queues reports a process that enters although it cannot subscribe', () => {
    const history = new History(queues);
    expect(history.send('p5', ...enters.operations).violation).toBeNull();
    history.process('p5').canSubscribe = false;
    expect(history.send('p5', request('u', 5)).violation).toBeNull();
    expect(history.send('p5', ...enters.operations).violation?.oracle).toBe('queues');
  });
});

test('waiting: the oracle cost reports more than five commands a call', () => {
  expect(callsOf(5).violation).toBeNull();
  expect(callsOf(9).violation?.oracle).toBe('cost');
});
