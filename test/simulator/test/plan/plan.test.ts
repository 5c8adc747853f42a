import { expect, test } from '@jest/globals';
import { FAULTS } from '../../src/plan/faults.js';
import { KINDS, type Kind } from '../../src/plan/kinds.js';
import { OVERLAYS } from '../../src/plan/overlays.js';
import { planOf, type Plan } from '../../src/plan/plan.js';

const kinds = Object.keys(KINDS) as Kind[];

function plansOf(kind?: Kind): readonly Plan[] {
  return Array.from({ length: 300 }, (_, seed) => planOf(seed, kind));
}

test('a plan that is asked for by its kind is of that kind', () => {
  const bases = kinds.filter((kind) => !(kind in OVERLAYS));
  for (const kind of bases) expect(plansOf(kind).every((plan) => plan.kind === kind)).toBe(true);
  expect(plansOf('shared').every(({ sharing, semaphore }) => sharing > 0 && !semaphore)).toBe(true);
  expect(plansOf('permits').every(({ sharing, semaphore }) => sharing === 0 && semaphore)).toBe(
    true,
  );
});

test('by default all kinds are drawn, and every fault is', () => {
  const plans = plansOf();
  expect(new Set(plans.map(({ kind }) => kind)).size).toBe(7);
  expect(plans.filter(({ semaphore }) => semaphore).length).toBeGreaterThan(30);
  expect(plans.filter(({ sharing }) => sharing > 0).length).toBeGreaterThan(50);
  const drawn = FAULTS.filter((fault) => plans.some(({ faults }) => faults[fault] > 0));
  expect(drawn).toEqual(FAULTS);
});

test('more callers want a permit than there are, and nobody wants anything else', () => {
  for (const { semaphore, resources, clients, jobs, elects, fenced } of plansOf('permits')) {
    const { name = '', permits = 0 } = semaphore ?? {};
    expect(clients * jobs).toBeGreaterThan(permits);
    expect(resources).toHaveLength(permits);
    const stem = name.startsWith('{') ? `${name}:` : `{${name}}`;
    expect(resources.at(-1)).toBe(`${stem}:permit:${permits - 1}`);
    expect([0, permits]).toContain(fenced.size);
    expect(elects).toBe(false);
  }
});

test('semaphores and shared locks meet every fault of a common run, and clocks that are wrong beyond every assumption', () => {
  for (const kind of ['permits', 'shared'] as const) {
    const plans = plansOf(kind);
    const drawn = FAULTS.filter((fault) => plans.some(({ faults }) => faults[fault] > 0));
    const expected = FAULTS.filter((fault) => fault !== 'evict');
    expect(drawn).toEqual(expected.filter((fault) => kind === 'shared' || fault !== 'undermine'));
    expect(plans.some((plan) => plan.kind === 'wild')).toBe(true);
    expect(plans.some((plan) => plan.kind === 'crowd')).toBe(true);
  }
});
