import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { QuorumError, type Redlock } from 'redlock-core';
import {
  type CommandMonitor,
  Deployment,
  majors,
  pace,
  rejectionOf,
  repeatedAfterStall,
  until,
} from 'test-kit';
import { readyRedlock } from './support/contender.js';

const TTL = 60_000;
const COUNTER_GRACE = 5 * 60_000;
const COUNTER = '{counted}:fencing';
/** In microseconds. */
const HOUR = 3_600_000_000;
const CONTENDER = fileURLToPath(new URL('programs/contender.js', import.meta.url));

test.each([
  { clocks: 'right', ahead: [0, 0, 0, 0] },
  { clocks: 'seconds apart', ahead: [0, 4000, -4000, 8000] },
])(
  'tokens grow in the order of the locks over processes and nodes killed and restarted, clocks $clocks',
  async ({ ahead }) => {
    await using deployment = await Deployment.start(5);
    await using archive = await Deployment.start(1);
    const record = archive.node(0).probe;
    const children = ahead.map((ms, index) => {
      const ports = [archive, deployment].flatMap(({ nodes }) =>
        nodes.map(({ server }) => server.port),
      );
      return startContender(deployment, [5 + (index % 2), ms, ...ports]);
    });
    const progress = async (when: string): Promise<void> => {
      const wanted = (await record.llen('tokens')) + 20;
      await until(
        `20 more locks ${when}`,
        async () => (await record.llen('tokens')) >= wanted,
        2 * pace.limit,
      );
    };

    await progress('with all nodes');
    for (const gone of [
      [0, 1],
      [2, 3],
      [4, 0],
      [0, 1, 2, 3, 4],
    ]) {
      const servers = gone.map((index) => deployment.node(index).server);
      await Promise.all(servers.map((server) => server.kill()));
      if (gone.length < 3) await progress(`without ${gone.join(' and ')}`);
      await Promise.all(servers.map((server) => server.start()));
      await progress(`with ${gone.join(', ')} again`);
    }
    const ends = children.map((child) => once(child, 'exit'));
    for (const child of children) child.kill();
    expect(await Promise.all(ends)).toEqual(children.map(() => [0, null]));

    const lines = await record.lrange('tokens', 0, -1);
    const tokens = lines.map((line) => Number(line.split(' ')[0]));
    expect(tokens.filter((token, index) => token <= (tokens[index - 1] ?? 0))).toEqual([]);
    expect(new Set(lines.map((line) => line.split(' ')[1])).size).toBe(children.length);
  },
);

function startContender(deployment: Deployment, args: readonly number[]): ChildProcess {
  const child = spawn(process.execPath, [CONTENDER, ...args.map(String)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  deployment.defer(() => child.kill('SIGKILL'));
  return child;
}

interface Found {
  readonly found: string;
  readonly put: readonly [string, ...string[]];
}

/** What may be found where a counter should be, all of it lower than the clock. */
const LEFT_BEHIND: readonly Found[] = [
  { found: 'nothing', put: ['del', COUNTER] },
  { found: 'a low counter', put: ['set', COUNTER, '5'] },
  { found: 'a negative counter', put: ['set', COUNTER, '-5'] },
  { found: 'no number', put: ['set', COUNTER, 'garbage'] },
  { found: 'an empty string', put: ['set', COUNTER, ''] },
  { found: 'a list', put: ['rpush', COUNTER, '1'] },
];

describe.each(majors)('with ioredis $major', ({ major }) => {
  test.each(LEFT_BEHIND)(
    '$found where a counter should be: the next token is higher all the same, and takes its place',
    // A grant that takes a second to arrive is confirmed: by then the nodes' clocks decide.
    repeatedAfterStall(async ({ put }: Found) => {
      // Both of two nodes are needed, so that no reply is left out by chance.
      await using deployment = await Deployment.start(2);
      const redlock = await readyRedlock(deployment, major);
      let last = await tokenOfNext(redlock);
      const monitors = await monitorAll(deployment);
      for (const probes of [deployment.probes.slice(0, 1), deployment.probes]) {
        for (const probe of probes) {
          await probe.del(COUNTER);
          await probe.call(...put);
        }
        await using lock = await redlock.acquire('counted', TTL);
        expect(lock.fencingToken).toBeGreaterThan(last);
        expect(await deployment.values(COUNTER)).toEqual(Array(2).fill(String(lock.fencingToken)));
        last = lock.fencingToken;
      }
      // Where the counters were has not mattered: the clocks agree.
      expect(await confirmsAt(monitors)).toEqual([0, 0]);
    }),
  );

  test('counters driven apart above the clock: the highest is confirmed where it is not, and only there', async () => {
    await using deployment = await Deployment.start(2);
    const redlock = await readyRedlock(deployment, major);
    const high = (await tokenOfNext(redlock)) + HOUR;
    const monitors = await monitorAll(deployment);

    await deployment.node(0).probe.set(COUNTER, String(high));
    await expectCounters(high + 1);
    expect(await confirmsAt(monitors)).toEqual([0, 1]);

    // They agree now, although no clock has got there yet.
    await expectCounters(high + 2);
    expect(await confirmsAt(monitors)).toEqual([0, 1]);

    await deployment.node(0).probe.set(COUNTER, String(high + 100));
    await deployment.node(1).probe.set(COUNTER, String(high + 200));
    await expectCounters(high + 201);
    expect(await confirmsAt(monitors)).toEqual([1, 1]);

    async function expectCounters(value: number): Promise<void> {
      await using lock = await redlock.acquire('counted', TTL);
      expect(lock.fencingToken).toBe(value);
      expect(await deployment.values(COUNTER)).toEqual(Array(2).fill(String(value)));
    }
  });

  test('a confirm leaves the expiries as a grant sets them', async () => {
    await using deployment = await Deployment.start(2);
    const redlock = await readyRedlock(deployment, major);
    await deployment.node(0).probe.set(COUNTER, String(Date.now() * 1000 + HOUR));
    const monitors = await monitorAll(deployment);
    await using lock = await redlock.acquire('counted', TTL);
    expect(await confirmsAt(monitors)).toEqual([0, 1]);
    for (const probe of deployment.probes) {
      expect(await probe.get('counted')).toBe(lock.token);
      const [key, counter] = [await probe.pttl('counted'), await probe.pttl(COUNTER)];
      expect(key).toBeGreaterThan(TTL / 2);
      expect(key).toBeLessThanOrEqual(TTL);
      expect(counter).toBeGreaterThan(COUNTER_GRACE + TTL / 2);
      expect(counter).toBeLessThanOrEqual(COUNTER_GRACE + TTL);
    }
  });

  test('a lock on several resources has one token, above the last of each', async () => {
    await using deployment = await Deployment.start(2);
    const redlock = await readyRedlock(deployment, major);
    const high = (await tokenOfNext(redlock)) + HOUR;
    await deployment.node(1).probe.set('{b}:fencing', String(high));
    const lock = await redlock.acquire(['counted', 'b'], TTL);
    expect(lock.fencingToken).toBe(high + 1);
    for (const counter of [COUNTER, '{b}:fencing']) {
      expect(await deployment.values(counter)).toEqual(Array(2).fill(String(high + 1)));
    }
    await lock.release();
    expect(await tokenOfNext(redlock)).toBe(high + 2);
  });

  test.each(['9007199254740991', '1e300', 'inf'])(
    'a counter of %s, above which there is no number, costs its node the vote and nothing else',
    async (counter) => {
      await using deployment = await Deployment.start(3);
      const redlock = await readyRedlock(deployment, major, { hastyAt: [1] });
      const last = await tokenOfNext(redlock);
      const { probe } = deployment.node(0);
      await probe.set(COUNTER, counter);
      expect(await tokenOfNext(redlock)).toBeGreaterThan(last);
      await deployment.node(1).server.kill();
      const error = await rejectionOf(redlock.acquire('counted', TTL, { wait: 0 }));
      expect(QuorumError.is(error)).toBe(true);
      await until('the key is released', () => deployment.isGone('counted', [probe]));
    },
  );

  test(
    'nodes whose clocks agree are asked once a lock: to grant it, with nothing to confirm',
    repeatedAfterStall(async () => {
      await using deployment = await Deployment.start(5);
      const redlock = await readyRedlock(deployment, major);
      // From here on every connection knows the script.
      await tokenOfNext(redlock);
      await redlock.inspect('counted');
      const monitors = await monitorAll(deployment);
      const resources = ['counted', 'fresh', 'another', 'last'];
      for (const resource of resources) {
        const lock = await redlock.acquire(resource, TTL, { wait: 0 });
        expect(await lock.release()).toBe(true);
      }
      await redlock.inspect('last');
      for (const monitor of monitors) {
        await monitor.settle();
        const scripts = scriptsOf(monitor).slice(0, -1);
        expect(scripts.filter((script) => script.startsWith('"evalsha"'))).toEqual(scripts);
        expect(scripts.map((script) => / "([A-Za-z])" "1" /.exec(script)?.[1])).toEqual(
          resources.flatMap(() => ['G', 'r']),
        );
      }
    }),
  );
});

async function tokenOfNext(redlock: Redlock): Promise<number> {
  await using lock = await redlock.acquire('counted', TTL);
  return lock.fencingToken;
}

function monitorAll(deployment: Deployment): Promise<CommandMonitor[]> {
  return Promise.all(deployment.nodes.map((_, index) => deployment.monitor(index)));
}

/** How often each of the servers was asked to confirm a token. */
async function confirmsAt(monitors: readonly CommandMonitor[]): Promise<number[]> {
  await Promise.all(monitors.map((monitor) => monitor.settle()));
  return monitors.map(
    (monitor) => scriptsOf(monitor).filter((script) => script.includes(' "C" "1" ')).length,
  );
}

function scriptsOf(monitor: CommandMonitor): string[] {
  return monitor.commands().filter((command) => /^"(eval|evalsha)"/i.test(command));
}
