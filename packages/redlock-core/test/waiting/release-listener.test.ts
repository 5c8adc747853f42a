import { describe, expect, test } from '@jest/globals';
import type { Lock } from 'redlock-core';
import { NO_POLL, TTL } from '../support/held-elsewhere.js';
import { after, threeServers } from '../support/processes.js';

describe('one who is told by a quorum', () => {
  test('rests for its random pause, whoever announces meanwhile', async () => {
    const { process, runtime } = threeServers();
    runtime.chance = 0.75;
    const holder = process();
    const lock = await holder.redlock.acquire('r', TTL);
    const waiter = process(NO_POLL);
    const ROUND_TRIP = 20;
    for (const node of waiter.nodes) node.mode = after(runtime, ROUND_TRIP);
    const waiting = waiter.redlock.acquire('r', TTL);
    await runtime.advance(1000);
    const tries = waiter.a.all('grant').length;
    holder.c.mode = 'hold';
    void lock.release();
    await runtime.advance(5);
    holder.c.answer();
    // Twice it was told by now: when its subscriptions were established, and of this release.
    await runtime.advance(0.75 * 2 * ROUND_TRIP - 5 - 1);
    expect(waiter.a.all('grant')).toHaveLength(tries);
    await runtime.advance(1);
    expect(waiter.a.all('grant')).toHaveLength(tries + 1);
    await runtime.advance(ROUND_TRIP);
    expect((await waiting).remaining()).toBeGreaterThan(0);
  });

  test('counts a node that had not voted when its try was decided', async () => {
    const { process, runtime } = threeServers();
    runtime.chance = 0;
    const holder = process();
    const lock = await holder.redlock.acquire('r', TTL);
    const waiter = process(NO_POLL);
    let got: Lock | undefined;
    void waiter.redlock.acquire('r', TTL).then((granted) => (got = granted));
    // Node c is slow: a and b decide every try without it.
    waiter.c.mode = (command) => void runtime.setTimeout(() => command.reply(), 30);
    await runtime.advance(1000);
    // The release is heard of node c and one other only.
    holder.b.mode = 'hold';
    void lock.release();
    await runtime.advance(100);
    expect(got?.remaining()).toBeGreaterThan(0);
  });
});
