import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import type { Lock, Redlock } from 'redlock-core';
import { Deployment, majors, pace, until } from 'test-kit';
import { runHolder } from './support/child.js';
import { readyRedlock } from './support/contender.js';
import { expectAfterKill } from './support/killed-holder.js';
import { timed } from './support/timed.js';

const TTL = 60_000;
/** It is not the poll that elects. */
const patient = { retryDelay: 10 * pace.limit, retryJitter: 0 };

/** What an observer is told: labels, and `nobody`. */
function watch(redlock: Redlock, name: string, ttl: number) {
  const stop = new AbortController();
  const told: string[] = [];
  const over = (async () => {
    for await (const leader of redlock.election(name, ttl).observe({ signal: stop.signal })) {
      told.push(leader ? (leader.owner ?? 'somebody') : 'nobody');
    }
  })();
  const isTold = (owner: string): Promise<void> =>
    until(`it is told that ${owner} leads`, () => told.at(-1) === owner);
  const end = async (): Promise<void> => {
    stop.abort();
    await over;
  };
  return { told, isTold, end };
}

/** Resolves when a campaign has been refused, so that it waits. */
async function waits(redlock: Redlock): Promise<void> {
  await new Promise((resolve) => redlock.on('contended', resolve));
}

describe.each(majors)('with ioredis $major', ({ major }) => {
  test('the next one leads as soon as a leader resigns, with a higher term', async () => {
    await using deployment = await Deployment.start(3);
    const candidates = [
      await readyRedlock(deployment, major, patient),
      await readyRedlock(deployment, major, patient),
    ];
    let [leader, next] = candidates as [Redlock, Redlock];
    let leadership = await leader.election('office', TTL).campaign();
    for (let i = 0; i < 10; i++) {
      const waiting = waits(next);
      const campaigning = next.election('office', TTL).campaign();
      await waiting;
      const { fencingToken } = leadership;
      const resigned = leadership.release();
      // Long before the ttl and the next poll.
      expect(await timed(campaigning)).toBeLessThan(pace.prompt);
      expect(await resigned).toBe(true);
      leadership = await campaigning;
      expect(leadership.fencingToken).toBeGreaterThan(fencingToken);
      [leader, next] = [next, leader];
    }
  });

  test('an observer is told of each change once, also of a leader that dies', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major, { owner: 'here' });
    const observer = await readyRedlock(deployment, major);
    const { told, isTold, end } = watch(observer, 'process', pace.ttl);
    await isTold('nobody');
    const leadership = await redlock.election('process', TTL).campaign();
    await isTold('here');
    await leadership.extend();
    await leadership.release();
    await isTold('nobody');
    const { child } = await runHolder(deployment, 'lead');
    await isTold('holder');
    child.kill('SIGKILL');
    await once(child, 'exit');
    await isTold('nobody');
    await end();
    expect(told).toEqual(['nobody', 'here', 'nobody', 'holder', 'nobody']);
    expect(await observer.election('process', TTL).leader()).toBeNull();
  });
});

test('when a leader is killed, the next one leads when its ttl is over, with a higher term', async () => {
  await using deployment = await Deployment.start(3);
  const redlock = await readyRedlock(deployment, 6, { ...patient, owner: 'next' });
  const { child, fencingToken } = await runHolder(deployment, 'lead');
  const election = redlock.election('process', TTL);
  const holding = { resource: 'process', holder: child, waiting: election.campaign() };
  const leadership = await expectAfterKill(deployment, holding);
  expect(leadership.fencingToken).toBeGreaterThan(fencingToken);
  expect(await election.leader()).toEqual({ owner: 'next', ttl: expect.any(Number) });
});

test('nobody leads while another one believes to, when leaders are cut off', async () => {
  await using deployment = await Deployment.start(3);
  const stop = new AbortController();
  const terms: { owner: string; lock: Lock }[] = [];
  const met: string[] = [];
  const run = async (owner: string) => {
    const through = await Promise.all(deployment.nodes.map((_, i) => deployment.proxyTo(i)));
    const options = { through, owner, nodeTimeout: pace.brief };
    const redlock = await readyRedlock(deployment, 6, options);
    const leading = redlock.election('office', pace.ttl).lead(async (signal, lock) => {
      // Whoever believes to lead still has validity, by its own clocks.
      for (const other of terms) if (other.lock.remaining() > 0) met.push(other.owner);
      terms.push({ owner, lock });
      if (!signal.aborted) await once(signal, 'abort');
    }, stop);
    return { leading, through };
  };
  const candidates = { a: await run('a'), b: await run('b') };
  for (let changes = 0; changes < 3; changes++) {
    await until('somebody leads', () => terms.some(({ lock }) => lock.remaining() > 0));
    const before = terms.length;
    const leader = terms.at(-1)?.owner === 'a' ? candidates.a : candidates.b;
    for (const proxy of leader.through) proxy.blackHole();
    await until('somebody else leads', () => terms.length > before);
    await Promise.all(leader.through.map((proxy) => proxy.heal()));
  }
  stop.abort();
  await Promise.all([candidates.a.leading, candidates.b.leading]);
  expect(met).toEqual([]);
  const fencing = terms.map(({ lock }) => lock.fencingToken);
  expect(fencing).toEqual(fencing.toSorted((x, y) => x - y));
  expect(new Set(fencing).size).toBe(terms.length);
});
