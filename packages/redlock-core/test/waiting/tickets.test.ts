import { expect, test } from '@jest/globals';
import { Tickets } from '../../src/waiting/tickets.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { EPOCH } from './support/waiters.js';

const HOUR = 3_600_000_000;

function tickets() {
  const runtime = new ManualRuntime();
  const made = new Tickets(runtime);
  /** A node's clock is `ahead` µs ahead of the others. */
  const learn = (node: number, ahead = 0, roundTrip = 1): void => {
    const now = runtime.now();
    made.note(node, EPOCH + now * 1000 + ahead, now, roundTrip);
  };
  return { runtime, made, learn };
}

test('there is no ticket before the clock of a node is known', () => {
  const { made, learn } = tickets();
  expect(made.make(1)).toBeNull();
  learn(0);
  expect(made.make(1)).toBe(EPOCH + 1000);
});

test('a ticket is the time of the call by the clocks of the nodes, whenever it is made', async () => {
  const { runtime, made, learn } = tickets();
  const start = runtime.now();
  await runtime.advance(700);
  learn(0);
  expect(made.make(start)).toBe(EPOCH + start * 1000);
});

test('a ticket that is made late, behind those of later calls, is kept: a new one would be further behind', async () => {
  const { runtime, made, learn } = tickets();
  const start = runtime.now();
  await runtime.advance(5000);
  learn(0);
  made.make(runtime.now());
  const late = made.make(start) ?? 0;
  expect(late).toBeGreaterThan(EPOCH + start * 1000 + 1_000_000);
  expect(made.isAhead(late, start)).toBe(false);
});

test('a minority of clocks that are wrong does not move tickets', () => {
  const { made, learn } = tickets();
  learn(0, HOUR);
  for (const node of [1, 2]) learn(node);
  expect(made.make(1)).toBe(EPOCH + 1000);
  learn(1, 0);
  learn(3, -HOUR);
  learn(4);
  expect(made.make(2)).toBe(EPOCH + 2000);
});

test('of the measures of a node the one with the shortest round trip counts', () => {
  const { made, learn } = tickets();
  learn(0, 0, 1);
  learn(0, 3000, 10);
  expect(made.make(1)).toBe(EPOCH + 1000);
  learn(0, 200, 0.5);
  expect(made.make(2)).toBe(EPOCH + 2200);
});

test('a measure that contradicts the former one replaces it, because the clock was set', () => {
  const { made, learn } = tickets();
  learn(0, 0, 1);
  learn(0, 10_000, 10);
  expect(made.make(1)).toBe(EPOCH + 11_000);
});

test('a denial says more about a clock than the identification of the server does', () => {
  const { runtime, made, learn } = tickets();
  made.note(0, EPOCH + runtime.now() * 1000 + 5000, runtime.now());
  expect(made.make(1)).toBe(EPOCH + 6000);
  learn(0);
  expect(made.make(7)).toBe(EPOCH + 7000);
  made.note(0, EPOCH + runtime.now() * 1000 + 5000, runtime.now());
  expect(made.make(8)).toBe(EPOCH + 8000);
});

test('callers of the same microsecond get different tickets, in the order in which they call', () => {
  const { made, learn } = tickets();
  learn(0);
  const all = Array.from({ length: 10_000 }, () => made.make(1) ?? 0);
  expect(new Set(all).size).toBe(10_000);
  expect(all).toEqual(all.toSorted((a, b) => a - b));
});

test('no ticket is made twice when the clocks are measured again', () => {
  const { made, learn } = tickets();
  learn(0, 0, 4);
  const before = made.make(2) ?? 0;
  learn(0, -1000, 1);
  expect(made.make(3)).toBeGreaterThan(before);
});

test('after the clocks of the nodes were set back by more than a second, tickets follow them', () => {
  const { made, learn } = tickets();
  learn(0);
  const ticket = made.make(5000) ?? 0;
  expect(made.isAhead(ticket, 5000)).toBe(false);
  learn(0, -900_000);
  expect(made.isAhead(ticket, 5000)).toBe(false);
  learn(0, -HOUR);
  expect(made.isAhead(ticket, 5000)).toBe(true);
  expect(made.make(5000)).toBe(ticket - HOUR);
});
