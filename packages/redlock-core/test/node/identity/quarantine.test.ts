import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { RedlockOptions } from 'redlock-core';
import { ManualRuntime } from '../../support/manual-runtime.js';
import { settle } from '../../support/settle.js';
import { TestNode } from '../../support/test-node.js';
import { TestServer } from '../../support/test-server.js';
import { redlockOver, threeNodes } from '../../support/three-nodes.js';

const TTL = 10_000;

const quarantined = {
  vote: 'failed',
  error: { code: 'QUARANTINED', message: expect.stringMatching(/count again in \d+ ms/) },
};

/** Its server starts again without data, and the client is connected anew. */
function restart(node: TestNode): void {
  node.disconnect();
  node.server.restart();
  node.connected();
}

/** Three nodes that have been used. */
async function known(options?: RedlockOptions) {
  const three = threeNodes(options);
  const lock = await three.redlock.acquire('warm', 1000);
  await lock.release();
  await settle();
  three.seen.length = 0;
  return three;
}

/** One node, that has been used. */
async function knownOne(options?: RedlockOptions) {
  const node = new TestNode('a');
  const one = redlockOver([node], options);
  await (await one.redlock.acquire('warm', 1000)).release();
  one.seen.length = 0;
  return { ...one, node, grants: () => grants(one.redlock) };
}

/** Whether a free resource is granted; otherwise what the first vote says is wrong. */
async function grants(redlock: ReturnType<typeof threeNodes>['redlock'], ttl = 1000) {
  try {
    await (await redlock.acquire('free', ttl, { wait: 0 })).release();
    return true;
  } catch (error) {
    return (error as { votes: { error?: { code: string } }[] }).votes[0]?.error?.code;
  }
}

describe('a node that restarted without its data', () => {
  test('gives nobody the lock that another process holds', async () => {
    const { redlock, a, b, c } = await known();
    // Of another process, on a and b.
    await a.server.steal('r', 'theirs');
    await b.server.steal('r', 'theirs');
    restart(b);
    const error = await rejectionOf(redlock.acquire('r', TTL, { wait: 0 }));
    expect(error).toMatchObject({ code: 'RESOURCE_LOCKED' });
    await settle();
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test('counts as failed, whatever it says', async () => {
    const { redlock, a, b, c } = await known();
    a.mode = new Error('connect ECONNREFUSED');
    restart(b);
    const free = await rejectionOf(redlock.acquire('r', TTL, { wait: 0 }));
    expect(free).toMatchObject({ code: 'QUORUM_UNAVAILABLE', votes: [{}, quarantined] });
    for (const { server } of [b, c]) await server.steal('r', 'theirs');
    const held = await rejectionOf(redlock.acquire('r', TTL, { wait: 0 }));
    expect(held).toMatchObject({ code: 'QUORUM_UNAVAILABLE', votes: [{}, quarantined] });
  });

  test('is what the error tells of first: for how long, and why', async () => {
    const { redlock, runtime, node } = await knownOne();
    restart(node);
    await runtime.advance(1000);
    const error = await rejectionOf(redlock.acquire('r', 1000, { wait: 0 }));
    expect(String(error)).toMatch(
      /^QuorumError: For 4000 ms more too few nodes count for a lock on "r", because a was restarted or replaced and may have forgotten who holds it\. Votes: /,
    );
    expect(error).toMatchObject({
      votes: [
        { error: { message: expect.stringMatching(/^its grants count again in 4000 ms: /) } },
      ],
    });
  });

  test('is told of beside other nodes that failed, and with the shortest time that mends it', async () => {
    const { redlock, runtime, a, b, c } = await known();
    restart(a);
    await runtime.advance(1000);
    restart(c);
    await settle();
    b.mode = 'hold';
    const both = await rejectionOf(redlock.acquire('r', 1000, { wait: 0 }));
    expect(String(both)).toMatch(
      /: For 4000 ms more .* because a, c were restarted .* it\. Votes: /,
    );
    b.mode = new Error('connect ECONNREFUSED');
    await runtime.advance(4000);
    const one = await rejectionOf(redlock.acquire('r', 1000, { wait: 0 }));
    expect(String(one)).toMatch(
      /: For 1000 ms more .* because c was restarted .*; check the other nodes that failed\. Votes: /,
    );
  });

  test('is not told of where enough other nodes have failed', async () => {
    const { redlock, a, b, c } = await known();
    for (const node of [a, b]) node.mode = new Error('connect ECONNREFUSED');
    restart(c);
    c.mode = 'hold';
    const error = await rejectionOf(redlock.acquire('r', 1000, { wait: 0 }));
    expect(String(error)).toMatch(/: No quorum of nodes could be asked for "r"/);
  });

  test('leaves nothing behind that it granted to nobody', async () => {
    const { redlock, a, b, c } = await known();
    for (const node of [a, b, c]) restart(node);
    await rejectionOf(redlock.acquire('r', TTL, { wait: 0 }));
    await settle();
    for (const { server } of [a, b, c]) expect(await server.holderOf('r')).toBeNull();
  });

  test('counts again when the longest ttl has passed, that of the present attempt included', async () => {
    const { redlock, runtime, node, seen } = await knownOne();
    restart(node);
    await settle();
    expect(seen).toEqual([['nodeQuarantined', { node: 'a', ms: 5000 }]]);
    await runtime.advance(4999);
    expect(await grants(redlock)).toBe('QUARANTINED');
    await runtime.advance(1);
    expect(await grants(redlock)).toBe(true);
    expect(await grants(redlock, 7000)).toBe('QUARANTINED');
    await runtime.advance(2000);
    expect(await grants(redlock, 7000)).toBe(true);
  });

  test.each([
    ['an extension', (lock: Lock) => lock.extend(8000)],
    ['keepFor', (lock: Lock) => lock.release({ keepFor: 8000 })],
  ])('does not count for as long as %s took', async (_, use) => {
    const { redlock, runtime, node } = await knownOne();
    await use(await redlock.acquire('other', 1000));
    restart(node);
    await runtime.advance(7999);
    expect(await grants(redlock)).toBe('QUARANTINED');
    await runtime.advance(1);
    expect(await grants(redlock)).toBe(true);
  });

  test('does not count for quarantineTime, where that is given', async () => {
    const { redlock, runtime, node, seen } = await knownOne({ quarantineTime: 300 });
    restart(node);
    expect(await grants(redlock, 60_000)).toBe('QUARANTINED');
    expect(seen).toContainEqual(['nodeQuarantined', { node: 'a', ms: 300 }]);
    await runtime.advance(300);
    expect(await grants(redlock, 60_000)).toBe(true);
  });

  test('does not count for longer where our monotonic clock stood still', async () => {
    const { redlock, runtime, node } = await knownOne();
    restart(node);
    await settle();
    runtime.suspend(60_000);
    expect(await grants(redlock)).toBe('QUARANTINED');
  });

  test('that restarts again does not count from then on for as long', async () => {
    const { redlock, runtime, node, seen } = await knownOne();
    restart(node);
    await runtime.advance(4000);
    restart(node);
    await runtime.advance(4000);
    expect(await grants(redlock)).toBe('QUARANTINED');
    const told = ['nodeQuarantined', { node: 'a', ms: 5000 }];
    expect(seen.filter(([event]) => event === 'nodeQuarantined')).toEqual([told, told]);
    await runtime.advance(1000);
    expect(await grants(redlock)).toBe(true);
  });

  test('is trusted again when that time is over, and that is told once', async () => {
    const { redlock, runtime, node, seen, names } = await knownOne();
    restart(node);
    await runtime.advance(4999);
    expect(names()).toEqual(['nodeQuarantined']);
    await runtime.advance(1);
    expect(seen.at(-1)).toEqual(['nodeTrusted', { node: 'a' }]);
    await runtime.advance(60_000);
    expect(names()).toEqual(['nodeQuarantined', 'nodeTrusted']);
    expect(await grants(redlock)).toBe(true);
  });

  test('is trusted later where a longer ttl is used meanwhile', async () => {
    const { redlock, runtime, node, names } = await knownOne();
    restart(node);
    await settle();
    await redlock.tryAcquire('other', 20_000).catch(() => {});
    await runtime.advance(19_999);
    expect(names()).not.toContain('nodeTrusted');
    await runtime.advance(1);
    expect(names()).toContain('nodeTrusted');
  });

  test('is not told of any more once the Redlock is closed, and keeps no process alive', async () => {
    const { redlock, runtime, node, names } = await knownOne();
    restart(node);
    await runtime.advance(1000);
    expect(runtime.holding).toEqual([]);
    await redlock.close();
    await runtime.advance(60_000);
    expect(names()).not.toContain('nodeTrusted');
  });

  test('that says who it is after the Redlock is closed begins no quarantine', async () => {
    const { redlock, runtime, node, names } = await knownOne();
    node.identifying = 'hold';
    restart(node);
    await redlock.close();
    const timers = runtime.pending.length;
    for (const answer of node.questions) answer();
    await settle();
    expect(runtime.pending).toHaveLength(timers);
    expect(names()).not.toContain('nodeQuarantined');
  });

  test('has recovered once it answers, and that is told once', async () => {
    const { redlock, node, names } = await knownOne();
    node.mode = new Error('read ECONNRESET');
    expect(await grants(redlock)).toBe('CONNECTION');
    node.mode = 'answer';
    restart(node);
    for (let i = 0; i < 3; i++) expect(await grants(redlock)).toBe('QUARANTINED');
    expect(names()).toEqual(['nodeFailed', 'nodeQuarantined', 'nodeRecovered']);
  });

  test('has recovered, though its grants do not count, when nothing else was to be said to it', async () => {
    const { redlock, runtime, node, names } = await knownOne();
    node.ready = false;
    const failed = grants(redlock);
    await runtime.advance(1000);
    expect(await failed).toBe('NOT_READY');
    node.server.restart();
    node.connected();
    expect(await grants(redlock)).toBe('QUARANTINED');
    expect(names()).toEqual(['nodeFailed', 'nodeQuarantined', 'nodeRecovered']);
  });

  test('is trusted where nodes are said to keep every write, and asked nothing', async () => {
    const { redlock, node } = await knownOne({ quarantine: false });
    restart(node);
    expect(await grants(redlock)).toBe(true);
    expect(node.questions).toEqual([]);
  });
});

/** The longest for which any attempt may be under way, in ms: two node timeouts, at least two seconds. */
const LONGEST_ATTEMPT = 2000;

describe('a lock that is held when a node forgets it', () => {
  test('is extended, healed and released there as ever', async () => {
    const { redlock, runtime, a, b, c } = await known();
    const lock = await redlock.acquire('r', TTL);
    await settle();
    restart(c);
    await lock.extend();
    await settle();
    expect(await c.server.holderOf('r')).toBe(lock.token);
    await runtime.advance(LONGEST_ATTEMPT);
    // The healed node takes the place of one that goes.
    a.mode = new Error('Command timed out');
    await lock.extend();
    restart(b);
    expect(await lock.release()).toBe(false);
    await settle();
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test('is not extended by its word while an attempt may be under way that it granted before', async () => {
    const { redlock, runtime, a, c } = await known();
    const lock = await redlock.acquire('r', TTL);
    await settle();
    restart(c);
    await lock.extend();
    await runtime.advance(LONGEST_ATTEMPT - 1);
    a.mode = new Error('Command timed out');
    expect(await rejectionOf(lock.extend())).toMatchObject({
      code: 'QUORUM_UNAVAILABLE',
      votes: [{ node: 'a', vote: 'failed' }, { vote: 'granted' }, quarantined],
    });
    await runtime.advance(1);
    await lock.extend();
  });

  test('is not extended by a reply to what a client has sent again, ahead of who the server is', async () => {
    const { redlock, a, c } = await known();
    const lock = await redlock.acquire('r', TTL);
    await settle();
    a.mode = new Error('Command timed out');
    c.mode = 'hold';
    const extension = rejectionOf(lock.extend());
    await settle();
    c.identifying = 'hold';
    c.connected();
    c.answer();
    expect(await extension).toMatchObject({
      votes: [{ node: 'a' }, { node: 'b' }, { node: 'c', error: { code: 'RECONNECTED' } }],
    });
  });

  test('is adopted, also from nodes whose grants do not count', async () => {
    const { redlock, runtime, a, b, c } = await known();
    const lock = await redlock.acquire('r', TTL);
    await settle();
    restart(b);
    await lock.extend();
    await runtime.advance(LONGEST_ATTEMPT);
    c.mode = new Error('Command timed out');
    lock.detach();
    const adopted = await redlock.adopt('r', lock.token, TTL);
    expect(await a.server.holderOf('r')).toBe(adopted.token);
    expect(await b.server.holderOf('r')).toBe(adopted.token);
  });
});

/** One of three has granted, one has denied, and the third has not answered yet. */
async function undecided() {
  const three = await known();
  const { redlock, a, b } = three;
  await a.server.steal('r', 'theirs');
  b.mode = 'hold';
  const attempt = redlock.acquire('r', TTL, { wait: 0 });
  await settle();
  return { ...three, attempt };
}

describe('a grant whose node may have forgotten it before the attempt is decided', () => {
  test('does not count when its node was connected anew', async () => {
    const { attempt, b, c } = await undecided();
    restart(c);
    b.answer();
    expect(await rejectionOf(attempt)).toMatchObject({
      votes: [{ vote: 'denied' }, { vote: 'granted' }, { error: { code: 'RECONNECTED' } }],
    });
    await settle();
    expect(await b.server.holderOf('r')).toBeNull();
  });

  test('does not count when its node was connected anew before the confirm was answered', async () => {
    const { redlock, a, b, c } = await known();
    await a.server.steal('r', 'theirs');
    await c.server.setCounter('r', 1_800_000_000_000_000);
    b.mode = (command) => {
      if (command.has('grant')) command.reply();
    };
    const attempt = redlock.acquire('r', TTL, { wait: 0 });
    await settle();
    restart(c);
    b.answer();
    expect(await rejectionOf(attempt)).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
    await settle();
    expect(await b.server.holderOf('r')).toBeNull();
  });

  test('does not count when it is older than any attempt may be: nothing would have been noticed', async () => {
    const { attempt, runtime, b } = await undecided();
    runtime.suspend(LONGEST_ATTEMPT);
    b.answer();
    expect((await attempt).remaining()).toBeGreaterThan(0);
    const late = await undecided();
    late.runtime.suspend(LONGEST_ATTEMPT + 1);
    late.b.answer();
    expect(await rejectionOf(late.attempt)).toMatchObject({
      code: 'QUORUM_UNAVAILABLE',
      message: expect.stringContaining('too much time passed'),
    });
    await settle();
    expect(await late.b.server.holderOf('r')).toBeNull();
  });
});

describe('a connection', () => {
  test('that was lost and is established again to the same server leaves no doubt', async () => {
    const { redlock, node, names } = await knownOne();
    node.disconnect();
    node.connected();
    expect(await grants(redlock)).toBe(true);
    expect(names()).not.toContain('nodeQuarantined');
  });

  test('is asked who is there ahead of its first grant, and only once', async () => {
    const { redlock, nodes } = threeNodes();
    const order: string[] = [];
    for (const node of nodes) {
      node.questions.length = 0;
      node.ready = false;
      const call = node.call.bind(node);
      node.call = (args) => {
        order.push(`${node.name} ${args[0]}`);
        return call(args);
      };
    }
    const acquired = redlock.acquire('r', TTL);
    await settle();
    for (const node of nodes) node.connected();
    await acquired;
    await redlock.acquire('s', TTL);
    for (const { name, questions } of nodes) {
      const given = order.filter((what) => what.startsWith(name));
      expect(given.slice(0, 2)).toEqual([`${name} INFO`, `${name} eval`]);
      expect(questions).toHaveLength(1);
    }
  });

  test('that was there before the Redlock is asked at once', async () => {
    const { nodes } = threeNodes();
    for (const { questions } of nodes) expect(questions).toHaveLength(1);
  });

  test('that is slow to say who is there has its vote held back until it has', async () => {
    const { redlock, node } = await heldBack();
    const lock = redlock.acquire('r', TTL);
    await settle();
    for (const answer of node.questions) answer();
    expect((await lock).remaining()).toBeGreaterThan(0);
  });

  test('that does not say who is there within the node timeout has failed', async () => {
    const { redlock, runtime } = await heldBack();
    const failed = rejectionOf(redlock.acquire('r', TTL, { wait: 0 }));
    await runtime.advance(500);
    expect(await failed).toMatchObject({
      votes: [{ vote: 'failed', error: { code: 'UNIDENTIFIED' }, ms: 500 }],
    });
  });

  test('failure 27: a grant that was sent again on another one counts for nothing', async () => {
    const { redlock, node, names } = unknownOne({}, 3600);
    node.connected();
    node.mode = 'hold';
    const failed = rejectionOf(redlock.acquire('r', TTL, { wait: 0 }));
    await settle();
    // The client does not give up the grant, but sends it to a server that has forgotten everything.
    node.server.restart();
    node.connected();
    node.answer();
    expect(await failed).toMatchObject({ votes: [{ error: { code: 'RECONNECTED' } }] });
    expect(names()).not.toContain('nodeFailed');
    await settle();
    expect(await node.server.holderOf('r')).toBeNull();
  });

  test('that is gone has no say any more', async () => {
    const { redlock, node } = await knownOne();
    const before = node.server.info;
    node.identifying = 'hold';
    node.connected();
    restart(node);
    const [, late, current] = node.questions;
    late?.(before);
    const granted = grants(redlock);
    await settle();
    current?.();
    expect(await granted).toBe('QUARANTINED');
  });

  test('is asked again after it would not say, ahead of the next grant', async () => {
    const { redlock, node, names } = await knownOne();
    node.disconnect();
    node.identifying = new Error("NOPERM this user has no permissions to run the 'info' command");
    node.connected();
    await settle();
    const error = await rejectionOf(redlock.acquire('r', TTL, { wait: 0 }));
    expect(error).toMatchObject({
      code: 'QUORUM_UNAVAILABLE',
      votes: [{ node: 'a', error: { code: 'UNIDENTIFIED' } }],
    });
    expect(String(error)).toMatch(/INFO failed \(NOPERM.*allow INFO, or set quarantine: false/);
    expect(await grants(redlock)).toBe('UNIDENTIFIED');
    expect(names()).toEqual(['nodeFailed']);
    node.identifying = 'answer';
    expect(await grants(redlock)).toBe(true);
    expect(names().filter((name) => name === 'nodeRecovered')).toHaveLength(1);
  });

  test.each(['', 'run_id:abc\r\n', null, {}])(
    'that answers INFO with %j has not said who is there',
    async (info) => {
      const { redlock, node } = await knownOne();
      node.disconnect();
      Object.defineProperty(node.server, 'info', { value: info });
      node.connected();
      expect(await grants(redlock)).toBe('UNIDENTIFIED');
      const error = await rejectionOf(redlock.acquire('r', TTL, { wait: 0 }));
      expect(String(error)).toContain('INFO failed (UNEXPECTED_REPLY: its reply shows no run_id');
    },
  );
});

describe('at first sight', () => {
  test.each([
    { uptime: 1, life: 1999, trusted: true },
    { uptime: 1, life: 2000, trusted: false },
    { uptime: 3600, life: 10_000, trusted: true },
  ])(
    'a server that is up for $uptime s is trusted by a Redlock that is there for $life ms: $trusted',
    async ({ uptime, life, trusted }) => {
      const { redlock, runtime, node, seen } = unknownOne({}, uptime);
      await runtime.advance(life);
      node.connected();
      expect(await grants(redlock)).toBe(trusted || 'QUARANTINED');
      const told = seen.filter(([event]) => event === 'nodeQuarantined');
      expect(told).toHaveLength(trusted ? 0 : 1);
      expect(node.questions).toHaveLength(1);
    },
  );

  test('a server that restarted while we were suspended is not trusted', async () => {
    const { redlock, runtime, node } = unknownOne({}, 60);
    runtime.suspend(3_600_000);
    node.connected();
    expect(await grants(redlock)).toBe('QUARANTINED');
  });

  test("'strict': no server is trusted until it is up for quarantineTime", async () => {
    const options = { quarantine: 'strict', quarantineTime: 10_000 } as const;
    const { redlock, runtime, node, seen } = unknownOne(options, 4);
    node.connected();
    expect(await grants(redlock)).toBe('QUARANTINED');
    // It may be a second younger than it says.
    expect(seen).toContainEqual(['nodeQuarantined', { node: 'a', ms: 7000 }]);
    await runtime.advance(6999);
    expect(await grants(redlock)).toBe('QUARANTINED');
    await runtime.advance(1);
    expect(await grants(redlock)).toBe(true);
  });

  test("'strict': a server that is up for long is trusted at once", async () => {
    const options = { quarantine: 'strict', quarantineTime: 10_000 } as const;
    const { redlock, node, seen } = unknownOne(options, 11);
    node.connected();
    expect(await grants(redlock)).toBe(true);
    expect(seen.filter(([event]) => event === 'nodeQuarantined')).toEqual([]);
  });
});

describe('two nodes that are one server', () => {
  test('have one vote between them', async () => {
    const { redlock, a, seen } = twins();
    a.mode = new Error('connect ECONNREFUSED');
    const error = await rejectionOf(redlock.acquire('r', TTL, { wait: 0 }));
    expect(error).toMatchObject({
      code: 'QUORUM_UNAVAILABLE',
      votes: expect.arrayContaining([
        expect.objectContaining({
          node: 'c',
          error: expect.objectContaining({ code: 'SAME_SERVER' }),
        }),
      ]),
    });
    expect(String(error)).toContain('is the same server as b');
    expect(seen.filter(([event]) => event === 'nodeFailed')).toHaveLength(2);
  });

  test('do not keep the others from a lock, and that is told once', async () => {
    const { redlock, c, names } = twins();
    // Of which both were asked: that raises the one counter twice.
    expect(await grants(redlock)).toBe(true);
    for (let i = 0; i < 3; i++) {
      const lock = await redlock.acquire('r', TTL);
      await lock.extend();
      expect(await lock.release()).toBe(true);
    }
    await settle();
    expect(names().filter((name) => name.startsWith('node'))).toEqual(['nodeFailed']);
    expect(c.kinds.filter((kind) => kind !== 'grant' && kind !== 'release')).toEqual([]);
    const { nodes } = await redlock.inspect('r');
    expect(nodes[2]).toMatchObject({ node: 'c', error: { code: 'SAME_SERVER' } });
  });

  test('are two again when they are', async () => {
    const { redlock, a, b } = twins();
    expect(await grants(redlock)).toBe(true);
    // The other one goes to a server of its own.
    Object.assign(b, { server: new TestServer() });
    b.disconnect();
    b.connected();
    await settle();
    // It is quarantined, and until the other is asked again nobody knows that that is alone now.
    expect(await grants(redlock)).not.toBe(true);
    expect(await grants(redlock)).toBe(true);
    a.mode = new Error('connect ECONNREFUSED');
    const { nodes } = await redlock.inspect('r');
    expect(nodes[2]).not.toHaveProperty('error');
  });
});

describe('a Cluster', () => {
  test('is quarantined when any of its masters has restarted, or a replica taken over', async () => {
    const masters = [new TestServer(), new TestServer()];
    const node = new TestNode('a', { cluster: true });
    Object.assign(node, { callMasters: async () => masters.map(({ info }) => info) });
    const { redlock, runtime } = redlockOver([node]);
    expect(await grants(redlock)).toBe(true);
    masters[1]?.restart();
    node.connected();
    expect(await grants(redlock)).toBe('QUARANTINED');
    await runtime.advance(5000);
    expect(await grants(redlock)).toBe(true);
    // Its slots have gone to the others.
    masters.pop();
    node.connected();
    expect(await grants(redlock)).toBe(true);
  });

  test('without a master that could be asked counts for nothing', async () => {
    const node = new TestNode('a', { cluster: true });
    Object.assign(node, { callMasters: async () => [] });
    expect(await grants(redlockOver([node]).redlock)).toBe('UNIDENTIFIED');
  });
});

test.each([
  { quarantineTime: undefined, ttl: 10_000, life: 310_000 },
  { quarantineTime: undefined, ttl: 300_000, life: 660_000 },
  { quarantineTime: 600_000, ttl: 10_000, life: 670_000 },
])(
  'with a quarantineTime of $quarantineTime, the counter of a lock of $ttl ms lives $life ms',
  async ({ quarantineTime, ttl, life }) => {
    const { redlock, a } = threeNodes({ quarantineTime });
    await redlock.acquire('r', ttl);
    expect(a.commands[0]?.args).toContain(String(life));
  },
);

type Lock = Awaited<ReturnType<ReturnType<typeof threeNodes>['redlock']['acquire']>>;

/** One node that does not say who it is until told. */
async function heldBack() {
  const node = new TestNode('a');
  node.identifying = 'hold';
  return { ...redlockOver([node]), node };
}

/** One node, not yet connected. @param uptime in s, of its server */
function unknownOne(options: RedlockOptions, uptime: number) {
  const node = new TestNode('a', { server: new TestServer(uptime) });
  node.ready = false;
  return { ...redlockOver([node], options, new ManualRuntime()), node };
}

/** Three nodes of which the last two are one server. */
function twins() {
  const server = new TestServer();
  const [a, b, c] = [
    new TestNode('a'),
    new TestNode('b', { server }),
    new TestNode('c', { server }),
  ] as const;
  return { ...redlockOver([a, b, c]), a, b, c };
}
