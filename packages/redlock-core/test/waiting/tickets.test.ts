import { expect, test } from '@jest/globals';
import { Tickets } from '../../src/waiting/tickets.js';
import { ManualRuntime } from '../support/manual-runtime.js';

const NOW_ON_NODES = 1_700_000_000_000_000;

test('a ticket is estimated by what another waiter got, and by how much later this one came', () => {
  const runtime = new ManualRuntime();
  const tickets = new Tickets(runtime);
  tickets.note(NOW_ON_NODES, 1000.5);
  expect(tickets.estimate(1000.5)).toBe(NOW_ON_NODES);
  expect(tickets.estimate(1700.75)).toBe(NOW_ON_NODES + 700_250);
  expect(tickets.estimate(900)).toBe(NOW_ON_NODES - 100_500);
});

test('the latest ticket counts', () => {
  const tickets = new Tickets(new ManualRuntime());
  tickets.note(NOW_ON_NODES, 1000);
  tickets.note(NOW_ON_NODES + 5_000_000, 2000);
  expect(tickets.estimate(2000)).toBe(NOW_ON_NODES + 5_000_000);
});

test('no ticket is estimated before there was one, or when that is too long ago', async () => {
  const runtime = new ManualRuntime();
  const tickets = new Tickets(runtime);
  expect(tickets.estimate(1000)).toBeNull();
  tickets.note(NOW_ON_NODES, 1000);
  await runtime.advance(10_000);
  expect(tickets.estimate(1000)).toBe(NOW_ON_NODES);
  await runtime.advance(1);
  expect(tickets.estimate(1000)).toBeNull();
});
