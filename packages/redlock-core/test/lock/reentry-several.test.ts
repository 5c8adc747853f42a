import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { Lock } from 'redlock-core';
import type { Command } from '../support/command.js';
import { settle } from '../support/settle.js';
import { DOWN } from '../support/test-node.js';
import { TTL, world, type ProcessOptions } from '../support/world.js';

/** Three nodes, and a function that runs in a routine that holds `r`: calls in it may want `s` and `t` besides. */
function routine(options: ProcessOptions = {}) {
  const three = world(3, { reentrant: true, ...options });
  const inside = async (body: (outer: Lock) => Promise<void>): Promise<void> =>
    three.redlock.using('r', TTL, async (_signal, outer) => {
      await settle();
      await body(outer);
    });
  /** The counters of `r` are ahead of every proposal, so each further token is written back. */
  const writeBacks = async (): Promise<void> => {
    for (const { server } of three.nodes) {
      await server.setCounter('r', three.time.wallNow() * 1000 + 5_000_000);
    }
  };
  return { ...three, inside, writeBacks };
}

/** So that the grant of s, proposed first, arrives while the higher token of t is written back. */
function delayOf(command: Command): number {
  if (command.does('extend')) return 30;
  return command.operations.some(({ keys }) => keys.includes('s')) ? 20 : 1;
}

describe('a call for more resources than the routine holds', () => {
  test('re-entry: takes only the rest, and all have one fencing token afterwards', async () => {
    const { redlock, inside, names, counters, holders, everywhere, a } = routine();
    await inside(async (outer) => {
      const before = outer.fencingToken;
      const inner = await redlock.acquire(['r', 's'], TTL);
      await settle();
      expect(a.given('acquire').map(({ keys }) => keys)).toEqual([['r'], ['s']]);
      expect(inner.resources).toEqual(['r', 's']);
      expect(inner.fencingToken).toBeGreaterThan(before);
      expect(outer.fencingToken).toBe(inner.fencingToken);
      for (const key of ['r', 's']) {
        expect(await counters(key)).toEqual(everywhere(inner.fencingToken));
      }
      expect(await holders()).toEqual(everywhere(outer.token));
      expect(await inner.release()).toBe(true);
      expect(await holders('s')).toEqual(everywhere(null));
      expect(await holders()).toEqual(everywhere(outer.token));
      // Under its new token.
      await outer.extend();
    });
    expect(names()).toEqual(['acquired', 'acquired', 'released', 'extended', 'released']);
  });

  test('re-entry: raises the rest to the token that is held, where nodes cap proposals below it', async () => {
    const { redlock, inside, writeBacks, counters, everywhere } = routine();
    await writeBacks();
    await inside(async (outer) => {
      const inner = await redlock.acquire(['r', 's'], TTL);
      await settle();
      expect(inner.fencingToken).toBe(outer.fencingToken);
      expect(await counters('s')).toEqual(everywhere(outer.fencingToken));
    });
  });

  test('re-entry: without fencing raises no counter', async () => {
    const { redlock, inside, counters, everywhere } = routine({ fencing: false });
    await inside(async () => {
      const inner = await redlock.acquire(['r', 's'], TTL);
      expect(inner.fencingToken).toBe(0);
      expect(await counters('s')).toEqual(everywhere(null));
    });
  });

  test.each([['r'], ['r', 's']])(
    're-entry: with fencing into a lock without it is a RangeError: %s',
    async (...resources) => {
      const { redlock, inside, holders, everywhere } = routine({ fencing: false });
      await inside(async (outer) => {
        const error = await rejectionOf(redlock.acquire(resources, TTL, { fencing: true }));
        expect(error).toBeInstanceOf(RangeError);
        expect(error).toMatchObject({
          message: expect.stringContaining('"r" is held with fencing'),
        });
        expect(outer.remaining()).toBeGreaterThan(0);
      });
      expect(await holders()).toEqual(everywhere(null));
    },
  );

  test('re-entry: a handle on several locks is as valid as the worst of them', async () => {
    const { redlock, steal, holders, everywhere } = routine();
    const running = redlock.using('r', TTL, async (outerSignal, outer) => {
      await redlock.using(['r', 's'], 8000, async (signal, inner) => {
        expect(inner.remaining()).toBe(8000 - 82);
        await steal('another');
        const error = await rejectionOf(outer.extend());
        expect(signal.aborted).toBe(true);
        expect(signal.reason).toBe(error);
        expect(outerSignal.reason).toBe(error);
        expect(inner.remaining()).toBe(0);
        expect(await rejectionOf(inner.extend())).toBe(error);
        expect(await inner.release()).toBe(false);
      });
    });
    expect(await rejectionOf(running)).toMatchObject({ reason: 'NOT_HELD' });
    expect(await holders('s')).toEqual(everywhere(null));
  });

  test('re-entry: parallel branches end with one token, the highest, on all resources', async () => {
    const { redlock, inside, nodes, time, counters, everywhere } = routine({ nodeTimeout: 1000 });
    await inside(async () => {
      for (const node of nodes) {
        node.mode = (command) => void time.setTimeout(() => command.reply(), delayOf(command));
      }
      const first = redlock.acquire(['r', 's'], TTL);
      await time.advance(5);
      const second = redlock.acquire(['r', 't'], TTL);
      await time.advance(500);
      const locks = await Promise.all([first, second]);
      await time.advance(100);
      const token = Math.max(...locks.map(({ fencingToken }) => fencingToken));
      for (const key of ['r', 's', 't']) expect(await counters(key)).toEqual(everywhere(token));
      for (const node of nodes) node.mode = 'answer';
      for (const lock of locks) expect(await lock.release()).toBe(true);
    });
  });

  test('re-entry: an extension waits for a token that is being raised, and carries it', async () => {
    const { redlock, inside, nodes, counters, everywhere } = routine({ nodeTimeout: 1000 });
    await inside(async (outer) => {
      for (const node of nodes) node.hold('extend');
      const entering = redlock.acquire(['r', 's'], TTL);
      await settle();
      const extending = outer.extend(2 * TTL);
      await settle();
      for (const node of nodes) expect(node.unanswered).toHaveLength(1);
      for (const node of nodes) node.answer();
      await Promise.all([entering, extending]);
      await settle();
      expect(await counters()).toEqual(everywhere(outer.fencingToken));
      expect(outer.remaining()).toBeGreaterThan(TTL);
    });
  });

  test('re-entry: extends all of it, each lock once', async () => {
    const { redlock, inside, expiries, everywhere, mark } = routine();
    await inside(async () => {
      const inner = await redlock.acquire(['r', 's'], TTL);
      await settle();
      const since = mark();
      await inner.extend(2 * TTL);
      await settle();
      expect(inner.remaining()).toBe(20_000 - 202);
      expect(since()).toEqual(everywhere(2));
      for (const key of ['r', 's']) expect(await expiries(key)).toEqual(everywhere(2 * TTL));
    });
  });
});

describe('a call for more resources that fails', () => {
  test('re-entry: gives up its share if another holds the rest', async () => {
    const { redlock, inside, steal, names, holders, everywhere } = routine();
    await steal('another', 's');
    await inside(async (outer) => {
      expect(await redlock.tryAcquire(['r', 's'], TTL)).toBeNull();
      const rejected = await rejectionOf(redlock.acquire(['r', 's'], TTL, { wait: 0 }));
      expect(rejected).toMatchObject({ code: 'RESOURCE_LOCKED', resources: ['s'] });
      expect(await holders()).toEqual(everywhere(outer.token));
    });
    expect(await holders()).toEqual(everywhere(null));
    expect(names().filter((name) => name === 'released')).toHaveLength(1);
  });

  test.each([
    ['denied', 'RESOURCE_LOCKED', (command: Command) => command.replyWith(0)],
    ['unanswered', 'QUORUM_UNAVAILABLE', (command: Command) => command.fail(DOWN)],
  ])('re-entry: releases the rest if its token is %s: %s', async (_, code, answer) => {
    const { redlock, inside, nodes, holders, everywhere } = routine();
    await inside(async (outer) => {
      for (const node of nodes) {
        node.mode = (command) => (command.does('extend') ? answer(command) : command.reply());
      }
      const rejected = await rejectionOf(redlock.acquire(['r', 's'], TTL, { wait: 0 }));
      expect(rejected).toMatchObject({ code, resources: ['r', 's'] });
      await settle();
      expect(await holders('s')).toEqual(everywhere(null));
      expect(await holders()).toEqual(everywhere(outer.token));
      expect(outer.remaining()).toBeGreaterThan(0);
    });
    expect(await holders()).toEqual(everywhere(null));
  });

  test('re-entry: is LockLostError if validity ends while the token is raised', async () => {
    const { redlock, inside, nodes, time, holders, everywhere } = routine();
    const using = inside(async (outer) => {
      const { fencingToken } = outer;
      for (const node of nodes) node.hold('extend');
      const entering = rejectionOf(redlock.acquire(['r', 's'], TTL));
      await settle();
      time.suspend(TTL);
      for (const node of nodes) node.answer();
      expect(await entering).toMatchObject({ code: 'LOCK_LOST', reason: 'EXPIRED' });
      expect(outer.fencingToken).toBe(fencingToken);
    });
    expect(await rejectionOf(using)).toMatchObject({ code: 'LOCK_LOST' });
    await settle();
    for (const key of ['r', 's']) expect(await holders(key)).toEqual(everywhere(null));
  });
});
