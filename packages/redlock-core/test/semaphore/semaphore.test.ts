import { describe, expect, test } from '@jest/globals';
import {
  LockLostError,
  QuorumError,
  Redlock,
  ResourceLockedError,
  type PermitLock,
} from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { rejectionOf } from 'test-kit/rejection';
import { processes, TTL, type Seats } from '../support/seats.js';
import { threeNodes } from '../support/three-nodes.js';

async function take(seats: Seats, count: number): Promise<PermitLock[]> {
  const locks: PermitLock[] = [];
  for (let left = count; left > 0; left--) locks.push(await seats.semaphore.acquire(TTL));
  return locks;
}

/** A node tells a process something. */
function tell(process: Seats, node: 'a' | 'b' | 'c', message: string): void {
  for (const subscription of process[node].subscriptions) subscription.tell(message);
}

/** The value of a permit that is kept for a process. */
function reserved(process: Seats): string {
  return `reserved:${process.a.subscribedTo[0]?.split(':').at(-1)}`;
}

/** A process is called for permit 0, which two of three nodes do not have for it. Permit 1 is free everywhere. */
async function calledInVain(refusal: 'held' | 'split') {
  const { seats, servers, runtime } = processes(2);
  await take(seats(), 2);
  const here = seats();
  const waiting = here.semaphore.acquire(TTL);
  await runtime.advance(100);
  for (const [index, server] of servers.entries()) {
    await server.steal('{seats}:permit:1');
    const holder = refusal === 'held' ? 'another' : `another-${index}`;
    await server.steal('{seats}:permit:0', index === 0 ? undefined : holder);
  }
  tell(here, 'a', 'called 0');
  return { here, waiting, runtime };
}

describe('permits', () => {
  test('are as many as the semaphore has, each once, from 0', async () => {
    const { seats } = processes(3);
    const here = seats();
    const locks = await take(here, 3);
    expect(new Set(locks.map(({ permit }) => permit))).toEqual(new Set([0, 1, 2]));
    expect(await here.semaphore.tryAcquire(TTL)).toBeNull();
  });

  test('are found although a dead process has left one of them on half of the nodes', async () => {
    const nodes = ['a', 'b', 'c', 'd'].map((name) => memoryNode({ name }));
    const dead = new Redlock(nodes.slice(2));
    await dead.semaphore('seats', 2).acquire(TTL);
    const redlock = new Redlock(nodes);
    // Each names the permit that was left at first in half of all cases.
    for (let left = 16; left > 0; left--) {
      const lock = await redlock.semaphore('seats', 2).tryAcquire(TTL);
      expect(lock).not.toBeNull();
      await lock?.release();
    }
  });

  test('are locks of resources that any Redlock can inspect and adopt', async () => {
    const { seats } = processes(2);
    const { redlock, semaphore } = seats({ keyPrefix: 'app:' });
    const lock = await semaphore.acquire(TTL);
    const [resource = ''] = lock.resources;
    expect(lock.resources).toEqual([`{seats}:permit:${lock.permit}`]);
    const { nodes } = await redlock.inspect(resource);
    expect(nodes.map(({ token }) => token)).toEqual([lock.token, lock.token, lock.token]);
    lock.detach();
    const adopted = await redlock.adopt(resource, lock.token, TTL);
    expect(adopted.fencingToken).toBeGreaterThan(lock.fencingToken);
  });

  test('that were adopted call whoever waits for the semaphore when they are released', async () => {
    const { seats, runtime } = processes(1);
    const [lock] = await take(seats(), 1);
    const waiting = seats().semaphore.acquire(TTL);
    await runtime.advance(100);
    const heir = await seats().redlock.adopt(lock?.resources ?? [], lock?.token ?? '', TTL);
    const start = runtime.now();
    await heir.release();
    await runtime.advance(0);
    expect((await waiting).permit).toBe(0);
    expect(runtime.now()).toBe(start);
  });

  test('keep the hash tag of the name', async () => {
    const { redlock } = threeNodes();
    const lock = await redlock.semaphore('a{b}', 1).acquire(TTL);
    expect(lock.resources).toEqual(['a{b}::permit:0']);
  });

  test('have nothing to do with the lock of the same name', async () => {
    const { redlock } = threeNodes();
    await redlock.acquire('seats', TTL);
    expect(await redlock.semaphore('seats', 1).tryAcquire(TTL)).not.toBeNull();
  });

  test('have fencing tokens of their own, which grow with every grant of the permit', async () => {
    const { seats } = processes(1);
    const { semaphore } = seats();
    const first = await semaphore.acquire(TTL);
    await first.release();
    const second = await semaphore.acquire(TTL);
    expect(second.fencingToken).toBeGreaterThan(first.fencingToken);
    await second.release();
    expect((await semaphore.acquire(TTL, { fencing: false })).fencingToken).toBe(0);
  });

  test('are told by events as the locks that callers get', async () => {
    const { redlock, seen } = threeNodes();
    const lock = await redlock.semaphore('seats', 2).acquire(TTL);
    expect(seen).toEqual([['acquired', { lock, waited: 0, attempts: 1 }]]);
  });
});

describe('a try', () => {
  test('names the permit that this process gave back last', async () => {
    const { seats, runtime } = processes(5);
    const { semaphore } = seats();
    runtime.chance = 0.7;
    const first = await semaphore.acquire(TTL);
    await first.release();
    runtime.chance = 0.1;
    expect((await semaphore.acquire(TTL)).permit).toBe(first.permit);
  });

  test('names no permit that this process holds', async () => {
    const { seats, runtime } = processes(5);
    const { semaphore, a } = seats();
    runtime.chance = 0;
    for (let taken = 0; taken < 5; taken++) await semaphore.acquire(TTL);
    expect(a.all('grant')).toHaveLength(5);
  });

  test('names another permit than a try that was made in the same breath', async () => {
    const { seats, runtime } = processes(5);
    const { semaphore, a } = seats();
    runtime.chance = 0;
    await (await semaphore.acquire(TTL)).release();
    runtime.chance = 0.99;
    const before = a.all('grant').length;
    const both = await Promise.all([semaphore.tryAcquire(TTL), semaphore.tryAcquire(TTL)]);
    expect(both.map((lock) => lock?.permit)).toEqual([0, 4]);
    expect(a.all('grant')).toHaveLength(before + 2);
  });

  test('without fencing learns which permits are free, too', async () => {
    const { seats, runtime } = processes(2);
    runtime.chance = 0;
    await take(seats(), 1);
    expect((await seats().semaphore.tryAcquire(TTL, { fencing: false }))?.permit).toBe(1);
  });

  test('that is held is followed at once by one of a permit that is free', async () => {
    const { seats, runtime } = processes(3);
    runtime.chance = 0;
    const elsewhere = seats();
    await take(elsewhere, 2);
    const here = seats();
    const start = runtime.now();
    const lock = await here.semaphore.tryAcquire(TTL);
    expect(lock?.permit).toBe(2);
    expect(here.a.all('grant')).toHaveLength(2);
    expect(runtime.now()).toBe(start);
  });

  test('takes no permit that is free on a minority of nodes only', async () => {
    const { seats, servers } = processes(2);
    await take(seats(), 2);
    await servers[0]?.steal('{seats}:permit:0');
    await servers[1]?.steal('{seats}:permit:1');
    const here = seats();
    expect(await here.semaphore.tryAcquire(TTL)).toBeNull();
    expect(here.a.all('grant')).toHaveLength(1);
  });

  test('whose votes were split is followed by another after a random pause', async () => {
    const { seats, servers, runtime } = processes(2);
    runtime.chance = 0.5;
    const here = seats({ roundTrip: 10 });
    await servers[0]?.steal('{seats}:permit:1', 'x');
    await servers[1]?.steal('{seats}:permit:1', 'y');
    const start = runtime.now();
    const trying = here.semaphore.tryAcquire(TTL);
    await runtime.advance(1000);
    expect((await trying)?.permit).toBe(0);
    const [, second] = here.times;
    // The grant, its withdrawal, and half of eight round trips.
    expect((second ?? 0) - start).toBe(10 + 10 + 40);
  });

  test('ends though a key that can never be granted reads as free', async () => {
    const { seats } = processes(2);
    const here = seats();
    for (const node of here.nodes) {
      node.mode = (command) => {
        const replies = command.operations.map(({ kind, keys: [key = ''] }) => {
          if (kind !== 'grant') return 0;
          return [[0, '(not a string)', -1, null, null, null, key.endsWith('0') ? '01' : '10']];
        });
        command.replyWith(replies.length > 1 ? replies : replies[0]);
      };
    }
    expect(await here.semaphore.tryAcquire(TTL)).toBeNull();
  });
});

describe('who waits', () => {
  test('gets a permit as soon as another process gives one back', async () => {
    const { seats, runtime } = processes(2);
    const [first] = await take(seats(), 2);
    const start = runtime.now();
    const here = seats();
    const waiting = here.semaphore.acquire(TTL);
    await runtime.advance(100);
    await first?.release();
    await runtime.advance(0);
    expect((await waiting).permit).toBe(first?.permit);
    expect(runtime.now() - start).toBe(100);
  });

  test('enters one queue, whichever permit it has tried', async () => {
    const { seats, servers, runtime } = processes(3);
    await take(seats(), 3);
    for (let count = 0; count < 3; count++) {
      void seats().semaphore.acquire(TTL);
      await runtime.advance(10);
    }
    expect((await seats().semaphore.inspect()).waiting).toBe(3);
    expect(await servers[0]?.waitingFor('seats')).toBe(3);
  });

  test('enters no queue while a permit is free', async () => {
    const { seats, servers, runtime } = processes(2);
    await take(seats(), 1);
    await seats().semaphore.acquire(TTL);
    await runtime.advance(1000);
    expect(await servers[0]?.waitingFor('seats')).toBe(0);
  });

  test('is served by arrival, over all processes', async () => {
    const { seats, runtime } = processes(2);
    const locks = await take(seats(), 2);
    const served: number[] = [];
    for (let n = 0; n < 4; n++) {
      void seats()
        .semaphore.acquire(TTL)
        .then((lock) => {
          served.push(n);
          locks.push(lock);
        });
      await runtime.advance(100);
    }
    for (let n = 0; n < 4; n++) {
      await locks.shift()?.release();
      await runtime.advance(10);
    }
    expect(served).toEqual([0, 1, 2, 3]);
  });

  test('is served by arrival in one process, through the first in line', async () => {
    const { seats, runtime } = processes(2);
    const locks = await take(seats(), 2);
    const here = seats();
    const served: number[] = [];
    for (let n = 0; n < 5; n++) {
      void here.semaphore.acquire(TTL).then((lock) => {
        served.push(n);
        locks.push(lock);
      });
    }
    await runtime.advance(100);
    for (let n = 0; n < 5; n++) {
      await locks.shift()?.release();
      await runtime.advance(10);
    }
    expect(served).toEqual([0, 1, 2, 3, 4]);
  });

  test('is handed the permit of this process in the command of its release', async () => {
    const { seats, runtime } = processes(2);
    await take(seats(), 1);
    const here = seats();
    const lock = await here.semaphore.acquire(TTL);
    const waiting = here.semaphore.acquire(TTL);
    await runtime.advance(100);
    const before = here.a.commands.length;
    await lock.release();
    expect((await waiting).permit).toBe(lock.permit);
    const commands = here.a.commands.slice(before);
    expect(commands.map(({ operations }) => operations.map(({ kind }) => kind).at(-1))).toEqual([
      'grant',
    ]);
  });

  test('gets a permit whose holder has died, when its ttl is over', async () => {
    const { seats, runtime } = processes(1);
    const [lock] = await take(seats(), 1);
    lock?.detach();
    const waiting = seats().semaphore.acquire(TTL, { wait: Infinity });
    await runtime.advance(TTL + 10);
    expect((await waiting).permit).toBe(0);
  });

  test('and was called may take a permit that is reserved for somebody else', async () => {
    const { seats, runtime, servers } = processes(2);
    const [first] = await take(seats(), 2);
    const here = seats();
    const waiting = here.semaphore.acquire(TTL);
    await runtime.advance(100);
    // Two nodes have paired another process with this permit.
    for (const server of servers.slice(1)) {
      await server.steal('{seats}:permit:0', 'reserved:another');
      await server.steal('{seats}:permit:1', 'reserved:another');
    }
    await first?.release();
    await runtime.advance(0);
    expect((await waiting).permit).toBe(first?.permit);
  });

  test('and was not called takes none that is reserved', async () => {
    const { seats, servers } = processes(1);
    for (const server of servers) await server.steal('{seats}:permit:0', 'reserved:another');
    expect(await seats().semaphore.tryAcquire(TTL)).toBeNull();
  });

  test('is not woken by a late call for a permit that its process has by now', async () => {
    const { seats, runtime } = processes(2);
    await take(seats(), 1);
    const here = seats();
    const lock = await here.semaphore.acquire(TTL);
    void here.semaphore.acquire(TTL);
    await runtime.advance(100);
    const before = here.a.all('grant').length;
    tell(here, 'a', `called ${lock.permit}`);
    await runtime.advance(0);
    expect(here.a.all('grant')).toHaveLength(before);
    tell(here, 'a', `called ${1 - lock.permit}`);
    await runtime.advance(0);
    expect(here.a.all('grant')).toHaveLength(before + 1);
  });

  test('takes the permit for which nodes have called while the one before it took another', async () => {
    const { seats, servers, runtime } = processes(3);
    await take(seats(), 3);
    const here = seats();
    const waiting = [here.semaphore.acquire(TTL), here.semaphore.acquire(TTL)];
    await runtime.advance(100);
    for (const server of servers) {
      for (const permit of [0, 1]) await server.steal(`{seats}:permit:${permit}`, reserved(here));
    }
    const before = here.a.all('grant').length;
    // A guess would be wrong.
    runtime.chance = 0.99;
    tell(here, 'a', 'called 0');
    tell(here, 'b', 'called 1');
    await runtime.advance(0);
    expect((await Promise.all(waiting)).map(({ permit }) => permit)).toEqual([0, 1]);
    expect(here.a.all('grant')).toHaveLength(before + 2);
  });

  test('goes on with another permit that is free, and enters no queue in between', async () => {
    const { here, waiting, runtime } = await calledInVain('held');
    await runtime.advance(0);
    expect((await waiting).permit).toBe(1);
    expect(here.a.all('release').map(({ entries }) => entries)).toContainEqual(['=']);
    const entered = here.a.all('release').filter(({ entries }) => /^[=+]./.test(entries[0] ?? ''));
    expect(entered).toEqual([]);
  });

  test('goes on with another permit that is free after a pause, if the votes were split', async () => {
    const { waiting, runtime } = await calledInVain('split');
    await runtime.advance(1000);
    expect((await waiting).permit).toBe(1);
  });

  // A node that has a permit to give enters nobody in its queue, and calls nobody.
  test.each(['held', 'split'] as const)(
    'asks again after a random pause if permits are free here and there, and its try was %s',
    async (refusal) => {
      const { seats, servers, runtime } = processes(3);
      await take(seats(), 3);
      const here = seats({ roundTrip: 10 });
      const waiting = here.semaphore.acquire(TTL);
      await runtime.advance(200);
      runtime.chance = 0.5;
      const [a, b, c] = servers;
      await a?.steal('{seats}:permit:0');
      await b?.steal('{seats}:permit:0', 'x');
      await c?.steal('{seats}:permit:0', refusal === 'held' ? 'x' : 'y');
      await b?.steal('{seats}:permit:1');
      await c?.steal('{seats}:permit:2');
      here.times.length = 0;
      tell(here, 'a', 'called 0');
      await runtime.advance(30);
      expect(here.times).toHaveLength(1);
      for (const server of servers) await server.steal('{seats}:permit:0');
      await runtime.advance(1000);
      const [first = 0, second = 0] = here.times;
      // The grant, its withdrawal, and half of eight round trips.
      expect(second - first).toBe(10 + 10 + 40);
      expect((await waiting).permit).toBe(0);
    },
  );

  test('and has gone passes a call on that comes too late', async () => {
    const { seats, servers, runtime } = processes(2);
    await take(seats(), 2);
    const here = seats();
    const controller = new AbortController();
    const leaving = rejectionOf(here.semaphore.acquire(TTL, { signal: controller.signal }));
    await runtime.advance(100);
    controller.abort();
    await leaving;
    await servers[0]?.steal('{seats}:permit:1', reserved(here));
    tell(here, 'a', 'called 1');
    await runtime.advance(0);
    expect(await servers[0]?.holderOf('{seats}:permit:1')).toBeNull();
  });

  test('and gives up passes the call on', async () => {
    const { seats, runtime } = processes(1);
    const [lock] = await take(seats(), 1);
    const controller = new AbortController();
    const leaving = rejectionOf(seats().semaphore.acquire(TTL, { signal: controller.signal }));
    await runtime.advance(100);
    const staying = seats().semaphore.acquire(TTL);
    await runtime.advance(100);
    const start = runtime.now();
    // It is called, and does not ask any more.
    const released = lock?.release();
    controller.abort();
    await released;
    await leaving;
    await runtime.advance(0);
    expect((await staying).permit).toBe(0);
    expect(runtime.now()).toBe(start);
  });

  test('leaves nothing in the queues when it has a permit', async () => {
    const { seats, runtime, servers } = processes(2);
    const [first] = await take(seats(), 2);
    const waiting = seats().semaphore.acquire(TTL);
    await runtime.advance(100);
    await first?.release();
    await runtime.advance(10);
    await (await waiting).release();
    for (const server of servers) expect(await server.waitingFor('seats')).toBe(0);
  });

  test('in a process that has been handed permits often stands back for others', async () => {
    const { seats, runtime } = processes(2);
    const here = seats();
    const served: string[] = [];
    const locks = await take(here, 2);
    const join = (process: Seats, name: string): void =>
      void process.semaphore.acquire(TTL, { wait: Infinity }).then((lock) => {
        served.push(name);
        locks.push(lock);
      });
    join(here, 'here');
    await runtime.advance(10);
    join(seats(), 'elsewhere');
    await runtime.advance(10);
    for (let n = 1; n < 40; n++) join(here, 'here');
    await runtime.advance(10);
    for (let n = 0; n < 30; n++) {
      await locks.shift()?.release();
      await runtime.advance(1);
    }
    expect(served.indexOf('elsewhere')).toBe(16);
    expect(served).toHaveLength(30);
  });
});

describe('errors', () => {
  test('say that all permits are held, and name the semaphore', async () => {
    const { seats } = processes(2);
    await take(seats(), 2);
    const error = await rejectionOf(seats().semaphore.acquire(TTL, { wait: 0 }));
    expect(ResourceLockedError.is(error)).toBe(true);
    expect(error).toMatchObject({
      resources: ['seats'],
      message: expect.stringMatching(
        /^Each of the 2 permits of "seats" is held; wait longer or try again later\. Votes: /,
      ) as unknown,
    });
  });

  test('say that too few nodes answer', async () => {
    const { a, b, redlock } = threeNodes();
    a.mode = (command) => command.fail(new Error('gone'));
    b.mode = (command) => command.fail(new Error('gone'));
    const semaphore = redlock.semaphore('seats', 2);
    expect(QuorumError.is(await rejectionOf(semaphore.tryAcquire(TTL)))).toBe(true);
    expect(QuorumError.is(await rejectionOf(semaphore.inspect()))).toBe(true);
  });

  test.each<[unknown, unknown, string]>([
    [7, 3, 'TypeError: The name of a semaphore must be a string'],
    ['', 3, 'RangeError: The name of a semaphore must not be an empty string'],
    [
      '\ud800',
      3,
      'RangeError: The name of a semaphore must be well-formed Unicode, without lone surrogates',
    ],
    ['s', '3', 'TypeError: permits must be a number'],
    ['s', 0, 'RangeError: permits must be a whole number from 1 to 1000, not 0'],
    ['s', 1001, 'RangeError: permits must be a whole number from 1 to 1000, not 1001'],
    ['s', 1.5, 'RangeError: permits must be a whole number from 1 to 1000, not 1.5'],
  ])('refuse the name %p with %p permits', (name, permits, error) => {
    const { redlock } = threeNodes();
    let thrown: unknown;
    try {
      redlock.semaphore(name as string, permits as number);
    } catch (reason) {
      thrown = reason;
    }
    expect(String(thrown)).toBe(error);
  });

  test.each([{ reentrant: true }, { mode: 'shared' } as const])(
    'refuse %j, and only where a call asks for it',
    async (defaults) => {
      const { redlock } = threeNodes(defaults);
      const options: object = defaults;
      const semaphore = redlock.semaphore('seats', 2);
      for (const call of [
        () => semaphore.acquire(TTL, options),
        () => semaphore.tryAcquire(TTL, options),
        () => semaphore.using(TTL, options, () => {}),
      ]) {
        expect(String(await rejectionOf(call()))).toMatch(/^TypeError: A semaphore has no option/);
      }
      await semaphore.using(TTL, async (_, outer) => {
        await semaphore.using(TTL, (__, inner) => expect(inner.permit).not.toBe(outer.permit));
      });
    },
  );

  test('refuse its queue as a resource', async () => {
    const { redlock } = threeNodes();
    for (const name of ['{seats}:permits:waiting', 'a{b}::permits:waiting']) {
      expect(String(await rejectionOf(redlock.acquire(name, TTL)))).toMatch(/helper key/);
    }
  });
});

describe('a routine', () => {
  test('runs under a permit, which is released afterwards', async () => {
    const { seats } = processes(1);
    const { semaphore } = seats();
    const result = await semaphore.using(TTL, { wait: 0 }, async (signal, lock) => {
      expect(lock.signal).toBe(signal);
      expect((await semaphore.inspect()).held).toBe(1);
      return lock.permit;
    });
    expect(result).toBe(0);
    expect((await semaphore.inspect()).held).toBe(0);
  });

  test('learns that its Redlock is closed', async () => {
    const { redlock } = threeNodes();
    const reason = await redlock.semaphore('seats', 1).using(TTL, async (signal) => {
      await redlock.close();
      return signal.reason as unknown;
    });
    expect(LockLostError.is(reason) && reason.cause.code).toBe('CLOSED');
  });

  test('is a function', async () => {
    const { redlock } = threeNodes();
    const using = redlock.semaphore('seats', 1).using(TTL, {} as () => void);
    expect(String(await rejectionOf(using))).toBe('TypeError: routine must be a function');
  });
});

describe('inspect', () => {
  test('shows the holders, with the least time that a quorum has left for each', async () => {
    const { seats, runtime } = processes(3);
    const { semaphore } = seats();
    runtime.chance = 0;
    const locks = await take(seats(), 2);
    expect(await semaphore.inspect()).toEqual({
      name: 'seats',
      permits: 3,
      held: 2,
      holders: locks.map(({ permit, token }) => ({ permit, token, owner: null, ttl: TTL })),
      waiting: 0,
    });
  });

  test('shows no holder that is on a minority of nodes only, and none that a permit is kept for', async () => {
    const { seats, servers } = processes(2);
    await servers[0]?.steal('{seats}:permit:0', 'x');
    for (const server of servers) await server.steal('{seats}:permit:1', 'reserved:x');
    expect(await seats().semaphore.inspect()).toMatchObject({ held: 0, holders: [] });
  });

  test('shows the label in a token, and none of another library', async () => {
    const { seats, servers } = processes(2);
    const nanoid = 'V1StGXR8_Z5jdHi6B-myT';
    for (const server of servers) {
      await server.steal('{seats}:permit:0', `api-7:${nanoid}`);
      await server.steal('{seats}:permit:1', 'uuid:thread');
    }
    const { holders } = await seats().semaphore.inspect();
    expect(holders.map(({ owner }) => owner)).toEqual(['api-7', null]);
  });

  test('rejects once its Redlock is closed', async () => {
    const { redlock } = threeNodes();
    const semaphore = redlock.semaphore('seats', 1);
    await redlock.close();
    for (const call of [semaphore.inspect(), semaphore.acquire(TTL), semaphore.tryAcquire(TTL)]) {
      expect(await rejectionOf(call)).toMatchObject({ code: 'CLOSED', resources: ['seats'] });
    }
  });
});
