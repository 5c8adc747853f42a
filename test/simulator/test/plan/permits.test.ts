import { expect, test } from '@jest/globals';
import { planOf } from '../../src/plan/plan-of.js';

const PLANS = Array.from({ length: 1000 }, (_, seed) => planOf(seed));
const OF_PERMITS = PLANS.filter(({ semaphore }) => semaphore !== null);

test('in about a fifth of all runs, processes contend for permits of a semaphore', () => {
  expect(OF_PERMITS.length).toBeGreaterThan(120);
  expect(OF_PERMITS.length).toBeLessThan(240);
  expect(new Set(OF_PERMITS.map((plan) => plan.semaphore?.permits))).toEqual(new Set([1, 2, 3, 4]));
});

test('more callers want a permit than there are, and nobody wants anything else', () => {
  for (const { semaphore, resources, clients, jobs, sharing, elects, fenced } of OF_PERMITS) {
    const { name = '', permits = 0 } = semaphore ?? {};
    expect(clients * jobs).toBeGreaterThan(permits);
    expect(resources).toHaveLength(permits);
    const stem = name.startsWith('{') ? `${name}:` : `{${name}}`;
    expect(resources.at(-1)).toBe(`${stem}:permit:${permits - 1}`);
    expect([0, permits]).toContain(fenced.size);
    expect([sharing, elects]).toEqual([0, false]);
  }
});

test('semaphores meet every fault, and clocks that are wrong beyond every assumption', () => {
  const faults = new Set(
    OF_PERMITS.flatMap((plan) =>
      Object.entries(plan.faults).flatMap(([fault, weight]) => (weight > 0 ? [fault] : [])),
    ),
  );
  const all = Object.keys(PLANS[0]?.faults ?? {}).filter((fault) => fault !== 'undermine');
  expect([...faults].toSorted()).toEqual(all.toSorted());
  expect(OF_PERMITS.some(({ wild }) => wild)).toBe(true);
  expect(OF_PERMITS.some(({ crowd }) => crowd)).toBe(true);
});
