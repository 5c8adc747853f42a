import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { LockLostError, QuorumError, type Lock } from 'redlock-core';
import type { Command } from '../support/command.js';
import { threeServers } from '../support/processes.js';
import { settle } from '../support/settle.js';
import type { TestNode } from '../support/test-node.js';
import { threeNodes } from '../support/three-nodes.js';

const DOWN = new Error('connect ECONNREFUSED 127.0.0.1:6379');
const TTL = 10_000;
const REENTRANT = { reentrant: true } as const;

function sentTo(nodes: readonly TestNode[]): number[] {
  return nodes.map(({ operations }) => operations.length);
}

async function holdersOf(nodes: readonly TestNode[], key = 'r'): Promise<(string | null)[]> {
  return Promise.all(nodes.map(async ({ server }) => server.holderOf(key)));
}

async function countersOf(nodes: readonly TestNode[], key: string): Promise<(number | null)[]> {
  return Promise.all(nodes.map(async ({ server }) => server.counterOf(key)));
}

function same<T>(nodes: readonly TestNode[], value: T): T[] {
  return nodes.map(() => value);
}

/** So that the grant of s, proposed first, arrives while the higher token of t is being confirmed. */
function delayOf(command: Command): number {
  if (command.has('confirm')) return 30;
  return command.operations.some(({ keys }) => keys.includes('s')) ? 20 : 1;
}

/** Runs in the context of a `using` routine that holds `r`, when all its grants are in. */
async function inside(
  three: ReturnType<typeof threeNodes>,
  routine: (outer: Lock) => Promise<void>,
): Promise<void> {
  await three.redlock.using('r', TTL, REENTRANT, async (_signal, outer) => {
    await settle();
    await routine(outer);
  });
}

describe('the same resource again, in the context of its routine', () => {
  test.each(['acquire', 'tryAcquire'] as const)(
    '%s gives a handle on the same lock, and sends nothing',
    async (how) => {
      const three = threeNodes();
      await inside(three, async (outer) => {
        const sent = sentTo(three.nodes);
        const inner = await three.redlock[how]('r', TTL, REENTRANT);
        expect(inner).not.toBe(outer);
        expect(inner?.token).toBe(outer.token);
        expect(inner?.fencingToken).toBe(outer.fencingToken);
        expect(inner?.signal === outer.signal).toBe(true);
        expect(inner?.remaining()).toBe(outer.remaining());
        expect(await inner?.release()).toBe(true);
        await settle();
        expect(sentTo(three.nodes)).toEqual(sent);
      });
      expect(three.a.kinds).toEqual(['grant', 'release']);
    },
  );

  test('using gives it too, however deep', async () => {
    const three = threeNodes();
    const { redlock, a, nodes, names } = three;
    const nest = async (depth: number, outer: Lock): Promise<void> => {
      if (depth === 0) return;
      await redlock.using('r', TTL, REENTRANT, async (signal, lock) => {
        expect(lock.token).toBe(outer.token);
        expect(signal === outer.signal).toBe(true);
        await nest(depth - 1, lock);
      });
      expect(await holdersOf(nodes)).toEqual(same(nodes, outer.token));
      expect(outer.remaining()).toBeGreaterThan(0);
    };
    await inside(three, async (outer) => nest(12, outer));
    expect(a.kinds).toEqual(['grant', 'release']);
    expect(names()).toEqual(['acquired', 'released']);
  });

  test('is found behind a routine of another lock', async () => {
    const three = threeNodes();
    await inside(three, async (outer) => {
      await three.redlock.using('s', TTL, REENTRANT, async () => {
        const inner = await three.redlock.tryAcquire('r', TTL, REENTRANT);
        expect(inner?.token).toBe(outer.token);
        await inner?.release();
      });
    });
    expect(three.names()).toEqual(['acquired', 'acquired', 'released', 'released']);
  });

  test('parallel branches share it, and it is released with the last of them', async () => {
    const { redlock, nodes, a, names } = threeNodes();
    const end = new AbortController();
    let first: string | undefined;
    const branch = async (): Promise<string> =>
      redlock.using('r', TTL, REENTRANT, async (_signal, lock) => {
        await once(end.signal, 'abort');
        return lock.token;
      });
    let branches: Promise<string[]> | undefined;
    await redlock.using('r', TTL, REENTRANT, async (_signal, lock) => {
      first = lock.token;
      branches = Promise.all([branch(), branch()]);
      await settle();
    });
    await settle();
    expect(await holdersOf(nodes)).toEqual(same(nodes, first));
    expect(names()).toEqual(['acquired']);
    end.abort();
    expect(await branches).toEqual([first, first]);
    expect(await holdersOf(nodes)).toEqual(same(nodes, null));
    expect(a.kinds).toEqual(['grant', 'release']);
  });

  test.each([
    ['outer first', [0, 1, 2]],
    ['inner first', [2, 1, 0]],
    ['any order', [1, 0, 2]],
  ])('is released with the last handle: %s', async (_, order) => {
    const three = threeNodes();
    await inside(three, async (outer) => {
      const { redlock } = three;
      const locks = [
        outer,
        await redlock.acquire('r', TTL, REENTRANT),
        await redlock.acquire('r', TTL, REENTRANT),
      ];
      for (const [turn, index] of order.entries()) {
        expect(await holdersOf(three.nodes)).toEqual(same(three.nodes, outer.token));
        const lock = locks[index];
        expect(await lock?.release()).toBe(true);
        expect(await lock?.release()).toBe(true);
        expect(lock?.remaining()).toBe(0);
        await settle();
        expect(three.names()).toEqual(turn < 2 ? ['acquired'] : ['acquired', 'released']);
      }
    });
    expect(three.a.kinds).toEqual(['grant', 'release']);
    expect(three.seen).toHaveLength(2);
  });

  test('a handle that was released extends no more, though the lock is held', async () => {
    const three = threeNodes();
    await inside(three, async (outer) => {
      const inner = await three.redlock.acquire('r', TTL, REENTRANT);
      await inner.release();
      expect(await rejectionOf(inner.extend())).toMatchObject({ cause: { code: 'RELEASED' } });
      await outer.extend();
    });
    expect(three.names()).toEqual(['acquired', 'extended', 'released']);
  });

  test('a handle that is detached leaves the lock to the others', async () => {
    const three = threeNodes();
    await inside(three, async (outer) => {
      const inner = await three.redlock.acquire('r', TTL, REENTRANT);
      inner.detach();
      expect(inner.remaining()).toBe(0);
      expect(await inner.release()).toBe(false);
      expect(outer.remaining()).toBeGreaterThan(0);
      expect(await outer.release()).toBe(true);
    });
    expect(await holdersOf(three.nodes)).toEqual(same(three.nodes, null));
  });

  test('what one handle wants kept is kept, whichever is released last', async () => {
    const three = threeNodes();
    await inside(three, async () => {
      const inner = await three.redlock.acquire('r', TTL, REENTRANT);
      await inner.release({ keepFor: 3000 });
      expect(three.a.all('release')).toEqual([]);
    });
    expect(three.a.latest('release').ttl).toBe(3000);
  });

  test('its loss is one event, and aborts the signal of every handle', async () => {
    const three = threeNodes();
    const { redlock, nodes, names } = three;
    const running = redlock.using('r', TTL, REENTRANT, async (signal) => {
      const inner = await redlock.acquire('r', TTL, REENTRANT);
      for (const { server } of nodes) await server.steal('r', 'another');
      const error = await rejectionOf(inner.extend());
      expect(signal.reason).toBe(error);
      expect(inner.signal.reason).toBe(error);
      expect(await inner.release()).toBe(false);
      throw error;
    });
    expect(LockLostError.is(await rejectionOf(running))).toBe(true);
    expect(names()).toEqual(['acquired', 'lost']);
  });
});

describe('is a normal acquire', () => {
  test.each([
    ['the routine', {}, REENTRANT],
    ['the inner call', REENTRANT, {}],
  ])('where %s is not reentrant', async (_, outer, inner) => {
    const { redlock } = threeNodes();
    await redlock.using('r', TTL, outer, async () => {
      expect(await redlock.tryAcquire('r', TTL, inner)).toBeNull();
    });
  });

  test('where a default of the Redlock is overruled, and none where it is not', async () => {
    const { redlock } = threeNodes(REENTRANT);
    await redlock.using('r', TTL, async (_signal, outer) => {
      expect(await redlock.tryAcquire('r', TTL, { reentrant: false })).toBeNull();
      expect((await redlock.tryAcquire('r', TTL))?.token).toBe(outer.token);
    });
  });

  test('after a plain acquire: that opens no context', async () => {
    const { redlock } = threeNodes(REENTRANT);
    await redlock.acquire('r', TTL);
    expect(await redlock.tryAcquire('r', TTL)).toBeNull();
    await redlock.using('another', TTL, async () => {
      await redlock.acquire('s', TTL);
      expect(await redlock.tryAcquire('s', TTL)).toBeNull();
    });
  });

  test('outside of the routine, while it runs', async () => {
    const { redlock } = threeNodes(REENTRANT);
    const end = new AbortController();
    const running = redlock.using('r', TTL, async () => once(end.signal, 'abort'));
    await settle();
    expect(await redlock.tryAcquire('r', TTL)).toBeNull();
    end.abort();
    await running;
  });

  test('with another Redlock: two of them share no context', async () => {
    const { process } = threeServers();
    const one = process(REENTRANT);
    const other = process(REENTRANT);
    await one.redlock.using('r', TTL, async () => {
      expect(await other.redlock.tryAcquire('r', TTL)).toBeNull();
    });
  });

  test('in code that the routine has left behind', async () => {
    const { redlock, names } = threeNodes(REENTRANT);
    const end = new AbortController();
    let later: Promise<Lock | null> | undefined;
    const token = await redlock.using('r', TTL, (_signal, lock) => {
      later = once(end.signal, 'abort').then(async () => redlock.tryAcquire('r', TTL));
      return lock.token;
    });
    end.abort();
    const lock = await later;
    expect(lock?.remaining()).toBeGreaterThan(0);
    expect(lock?.token).not.toBe(token);
    expect(names()).toEqual(['acquired', 'released', 'acquired']);
  });

  test('of what the routine does not hold', async () => {
    const three = threeNodes();
    await inside(three, async (outer) => {
      const other = await three.redlock.acquire('s', TTL, REENTRANT);
      expect(other.token).not.toBe(outer.token);
      expect(other.signal === outer.signal).toBe(false);
      await other.release();
      expect(await holdersOf(three.nodes, 's')).toEqual(same(three.nodes, null));
    });
  });
});

describe('an end that has come already', () => {
  test('of the Redlock: CLOSED, as for every later call', async () => {
    const three = threeNodes();
    await inside(three, async () => {
      await three.redlock.close();
      expect(await rejectionOf(three.redlock.acquire('r', TTL, REENTRANT))).toMatchObject({
        code: 'CLOSED',
      });
    });
    expect(three.seen.at(-1)).toMatchObject(['released', { confirmed: true }]);
  });

  test("of the caller: rejects with the signal's own reason", async () => {
    const three = threeNodes();
    const reason = new Error('gone');
    await inside(three, async () => {
      const options = { ...REENTRANT, signal: AbortSignal.abort(reason) };
      const sent = sentTo(three.nodes);
      expect(await rejectionOf(three.redlock.acquire('r', 4 * TTL, options))).toBe(reason);
      expect(sentTo(three.nodes)).toEqual(sent);
    });
    expect(await holdersOf(three.nodes)).toEqual(same(three.nodes, null));
  });

  test('of the caller, while validity is topped up', async () => {
    const three = threeNodes();
    const reason = new Error('gone');
    const caller = new AbortController();
    await inside(three, async () => {
      for (const node of three.nodes) node.mode = 'hold';
      const options = { ...REENTRANT, signal: caller.signal };
      const rejected = rejectionOf(three.redlock.acquire('r', 4 * TTL, options));
      await settle();
      caller.abort(reason);
      for (const node of three.nodes) node.answer();
      expect(await rejected).toBe(reason);
    });
    expect(await holdersOf(three.nodes)).toEqual(same(three.nodes, null));
  });
});

describe('validity', () => {
  test('that runs short is topped up before the handle is given', async () => {
    const three = threeNodes();
    await inside(three, async (outer) => {
      const inner = await three.redlock.acquire('r', 30_000, REENTRANT);
      expect(inner.remaining()).toBe(30_000 - 302);
      expect(outer.remaining()).toBe(30_000 - 302);
      await inner.release();
    });
    expect(three.a.kinds).toEqual(['grant', 'extend', 'release']);
    expect(three.a.latest('extend').ttl).toBe(30_000);
    expect(three.names()).toEqual(['acquired', 'extended', 'released']);
  });

  test('that cannot be topped up: QuorumError, and the lock stays with the others', async () => {
    const three = threeNodes();
    await inside(three, async (outer) => {
      for (const node of three.nodes) node.mode = DOWN;
      const options = { ...REENTRANT, wait: 0 };
      const rejected = rejectionOf(three.redlock.acquire('r', 30_000, options));
      expect(await rejected).toBeInstanceOf(QuorumError);
      for (const node of three.nodes) node.answer();
      expect(outer.remaining()).toBeGreaterThan(0);
    });
    expect(three.a.kinds.at(-1)).toBe('release');
    expect(await holdersOf(three.nodes)).toEqual(same(three.nodes, null));
  });
});

describe('nodes out of reach', () => {
  test('are asked again while the time to wait lasts', async () => {
    const three = threeNodes();
    await inside(three, async (outer) => {
      for (const node of three.nodes) node.mode = DOWN;
      const entering = three.redlock.acquire('r', 30_000, { ...REENTRANT, wait: 5000 });
      await three.runtime.advance(3000);
      for (const node of three.nodes) node.answer();
      await three.runtime.advance(300);
      await (await entering).release();
      expect(outer.remaining()).toBeGreaterThan(20_000);
    });
  });

  test('are given up when it is over, and not asked again by tryAcquire', async () => {
    const three = threeNodes();
    await inside(three, async () => {
      for (const node of three.nodes) node.mode = DOWN;
      expect(await rejectionOf(three.redlock.tryAcquire('r', 30_000, REENTRANT))).toBeInstanceOf(
        QuorumError,
      );
      const waiting = rejectionOf(three.redlock.acquire('r', 30_000, { ...REENTRANT, wait: 1000 }));
      await three.runtime.advance(1300);
      expect(await waiting).toBeInstanceOf(QuorumError);
      for (const node of three.nodes) node.answer();
    });
  });

  test('leave the outer lock and its ttl as they were', async () => {
    const three = threeNodes();
    await three.redlock.using('r', 6000, REENTRANT, async (signal) => {
      for (const node of three.nodes) node.mode = DOWN;
      await rejectionOf(three.redlock.acquire('r', 120_000, { ...REENTRANT, wait: 0 }));
      for (const node of three.nodes) node.answer();
      await three.runtime.advance(60_000);
      expect(signal.aborted).toBe(false);
    });
  });
});

describe('a part of the resources', () => {
  test('is on the whole lock, and sends nothing', async () => {
    const { redlock, a, nodes } = threeNodes(REENTRANT);
    await redlock.using(['r', 's'], TTL, async (_signal, outer) => {
      const inner = await redlock.acquire('s', TTL);
      expect(inner).toMatchObject({ resources: ['s'], token: outer.token });
      expect(await inner.release()).toBe(true);
      expect(await holdersOf(nodes, 's')).toEqual(same(nodes, outer.token));
    });
    expect(a.kinds).toEqual(['grant', 'release']);
  });
});

describe('more resources', () => {
  test('only the rest is asked for, and all have one fencing token afterwards', async () => {
    const three = threeNodes();
    const { redlock, nodes, a } = three;
    await inside(three, async (outer) => {
      const before = outer.fencingToken;
      const inner = await redlock.acquire(['r', 's'], TTL, REENTRANT);
      await settle();
      expect(a.latest('grant').keys).toEqual(['s']);
      expect(inner.resources).toEqual(['r', 's']);
      expect(inner.fencingToken).toBeGreaterThan(before);
      expect(outer.fencingToken).toBe(inner.fencingToken);
      for (const key of ['r', 's']) {
        expect(await countersOf(nodes, key)).toEqual(same(nodes, inner.fencingToken));
      }
      expect(await holdersOf(nodes)).toEqual(same(nodes, outer.token));
      expect(await inner.release()).toBe(true);
      expect(await holdersOf(nodes, 's')).toEqual(same(nodes, null));
      expect(await holdersOf(nodes)).toEqual(same(nodes, outer.token));
      // Under its new token.
      await outer.extend();
    });
    expect(a.kinds).toEqual(['grant', 'grant', 'confirm', 'release', 'extend', 'release']);
    expect(three.names()).toEqual(['acquired', 'acquired', 'released', 'extended', 'released']);
  });

  test('are proposed above the token that is held, and raised to it where nodes cap that', async () => {
    const three = threeNodes();
    const { redlock, nodes, a, runtime } = three;
    for (const { server } of nodes) {
      await server.setCounter('r', runtime.wallNow() * 1000 + 5_000_000);
    }
    await inside(three, async (outer) => {
      const inner = await redlock.acquire(['r', 's'], TTL, REENTRANT);
      await settle();
      expect(a.latest('grant').fence).toBe(outer.fencingToken + 1);
      expect(a.latest('confirm').keys).toEqual(['s']);
      expect(inner.fencingToken).toBe(outer.fencingToken);
      expect(await countersOf(nodes, 's')).toEqual(same(nodes, outer.fencingToken));
    });
  });

  test('have no fencing token without fencing', async () => {
    const { redlock, a } = threeNodes({ ...REENTRANT, fencing: false });
    await redlock.using('r', TTL, async () => {
      const inner = await redlock.acquire(['r', 's'], TTL);
      expect(inner.fencingToken).toBe(0);
      await inner.release();
    });
    expect(a.kinds).toEqual(['grant', 'grant', 'release', 'release']);
  });

  test.each([['r'], ['r', 's']])(
    'have none to give for a lock without fencing: %s',
    async (...resources) => {
      const { redlock, nodes } = threeNodes(REENTRANT);
      await redlock.using('r', TTL, { fencing: false }, async (_signal, outer) => {
        const error = await rejectionOf(redlock.acquire(resources, TTL, { fencing: true }));
        expect(error).toBeInstanceOf(RangeError);
        expect(error).toMatchObject({
          message: expect.stringContaining('"r" is held with fencing'),
        });
        await settle();
        expect(outer.remaining()).toBeGreaterThan(0);
      });
      expect(await holdersOf(nodes)).toEqual(same(nodes, null));
    },
  );

  test('a handle on several locks is as good as the worst of them', async () => {
    const three = threeNodes();
    const { redlock, nodes } = three;
    const running = redlock.using('r', TTL, REENTRANT, async (outerSignal, outer) => {
      await redlock.using(['r', 's'], 8000, REENTRANT, async (signal, inner) => {
        expect(inner.remaining()).toBe(8000 - 82);
        for (const { server } of nodes) await server.steal('r', 'another');
        const error = await rejectionOf(outer.extend());
        expect(signal.aborted).toBe(true);
        expect(signal.reason).toBe(error);
        expect(outerSignal.reason).toBe(error);
        expect(inner.remaining()).toBe(0);
        expect(await rejectionOf(inner.extend())).toBe(error);
        expect(await inner.release()).toBe(false);
      });
    });
    expect(await rejectionOf(running)).toMatchObject({ cause: { code: 'TAKEN' } });
    expect(await holdersOf(nodes, 's')).toEqual(same(nodes, null));
  });

  test('parallel branches do not overtake each other', async () => {
    const { redlock, nodes, runtime } = threeNodes({ ...REENTRANT, nodeTimeout: 1000 });
    await redlock.using('r', TTL, async () => {
      await settle();
      for (const node of nodes) {
        node.mode = (command) => void runtime.setTimeout(() => command.reply(), delayOf(command));
      }
      const first = redlock.acquire(['r', 's'], TTL);
      await runtime.advance(5);
      const second = redlock.acquire(['r', 't'], TTL);
      await runtime.advance(500);
      const locks = await Promise.all([first, second]);
      await runtime.advance(100);
      const token = Math.max(...locks.map(({ fencingToken }) => fencingToken));
      for (const key of ['r', 's', 't']) {
        expect(await countersOf(nodes, key)).toEqual(same(nodes, token));
      }
      for (const node of nodes) node.mode = 'answer';
      for (const lock of locks) expect(await lock.release()).toBe(true);
    });
  });

  test('an extension waits for a token that is being raised, and carries it', async () => {
    const three = threeNodes({ nodeTimeout: 1000 });
    const { redlock, nodes } = three;
    await inside(three, async (outer) => {
      for (const node of nodes) {
        node.mode = (command) => {
          if (!command.has('confirm')) command.reply();
        };
      }
      const entering = redlock.acquire(['r', 's'], TTL, REENTRANT);
      await settle();
      const extending = outer.extend();
      await settle();
      for (const node of nodes) node.answer();
      await Promise.all([entering, extending]);
      await settle();
      expect(three.a.latest('extend').fence).toBe(outer.fencingToken);
      await (await entering).release();
    });
    expect(await holdersOf(nodes)).toEqual(same(nodes, null));
  });

  test('extends all of it, each once', async () => {
    const three = threeNodes();
    await inside(three, async () => {
      const inner = await three.redlock.acquire(['r', 's'], TTL, REENTRANT);
      await inner.extend(20_000);
      expect(inner.remaining()).toBe(20_000 - 202);
    });
    expect(three.a.all('extend').map(({ keys, ttl }) => [keys, ttl])).toEqual([
      [['s'], 20_000],
      [['r'], 20_000],
    ]);
  });

  test('the rest held by another: tryAcquire is null, and gives back what it shared', async () => {
    const three = threeNodes();
    const { redlock, nodes } = three;
    for (const { server } of nodes) await server.steal('s', 'another');
    await inside(three, async (outer) => {
      expect(await redlock.tryAcquire(['r', 's'], TTL, REENTRANT)).toBeNull();
      expect(
        await rejectionOf(redlock.acquire(['r', 's'], TTL, { ...REENTRANT, wait: 0 })),
      ).toMatchObject({ code: 'RESOURCE_LOCKED', resources: ['s'] });
      expect(await holdersOf(nodes)).toEqual(same(nodes, outer.token));
    });
    expect(await holdersOf(nodes)).toEqual(same(nodes, null));
    expect(three.names().filter((name) => name === 'released')).toHaveLength(1);
  });

  test.each([
    ['refused', 'RESOURCE_LOCKED', (command: Command) => command.replyWith(0)],
    ['unanswered', 'QUORUM_UNAVAILABLE', (command: Command) => command.fail(DOWN)],
  ])('a confirm that is %s: %s, and the rest is released again', async (_, code, answer) => {
    const three = threeNodes();
    const { redlock, nodes } = three;
    await inside(three, async (outer) => {
      for (const node of nodes) {
        node.mode = (command) => (command.has('confirm') ? answer(command) : command.reply());
      }
      const options = { ...REENTRANT, wait: 0 };
      const rejected = await rejectionOf(redlock.acquire(['r', 's'], TTL, options));
      expect(rejected).toMatchObject({ code, resources: ['r', 's'] });
      await settle();
      expect(await holdersOf(nodes, 's')).toEqual(same(nodes, null));
      expect(await holdersOf(nodes)).toEqual(same(nodes, outer.token));
      expect(outer.remaining()).toBeGreaterThan(0);
    });
    expect(await holdersOf(nodes)).toEqual(same(nodes, null));
  });

  test('is refused where validity ends while the token is raised: LockLostError', async () => {
    const three = threeNodes();
    const { redlock, nodes, runtime } = three;
    const using = inside(three, async (outer) => {
      const { fencingToken } = outer;
      for (const node of nodes) {
        node.mode = (command) => {
          if (!command.has('confirm')) command.reply();
        };
      }
      const entering = rejectionOf(redlock.acquire(['r', 's'], TTL, REENTRANT));
      await settle();
      runtime.suspend(TTL);
      for (const node of nodes) node.answer();
      expect(await entering).toMatchObject({ code: 'LOCK_LOST', cause: { code: 'EXPIRED' } });
      expect(outer.fencingToken).toBe(fencingToken);
    });
    expect(await rejectionOf(using)).toMatchObject({ code: 'LOCK_LOST' });
    await settle();
    expect(await holdersOf(nodes, 's')).toEqual(same(nodes, null));
    expect(await holdersOf(nodes)).toEqual(same(nodes, null));
  });
});
