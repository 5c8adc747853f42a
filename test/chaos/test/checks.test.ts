import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { findLostUpdates, findRefusedHolders } from '../src/checks/ledger-findings.js';
import { findDisorder, findOverlaps } from '../src/checks/overlaps.js';
import { findStandstills, longestGap } from '../src/checks/progress.js';
import { Random } from 'test-kit/random';
import { History, type Hold, type Visit } from '../src/history.js';
import { Ledger } from '../src/ledger.js';
import { planFaults } from '../src/plan.js';
import { SharedRecord } from '../src/shared-record.js';
import { isTorn, numberIn } from '../src/sighting.js';
import { DEFAULT, FORGET } from '../src/variant.js';

function hold(client: string, token: number, from: number, until: number): Hold {
  return { client, mode: 'exclusive', token, from, until, ended: true };
}

function write(at: number, admitted: boolean, holder: Hold | null): Visit {
  return { kind: 'write', client: 'a', token: 1, at, admitted, late: false, hold: holder };
}

test('two beliefs at one moment are an overlap, whatever lies between them', () => {
  const holds = [hold('a', 1, 0, 100), hold('b', 2, 20, 30), hold('c', 3, 90, 120)];
  expect(findOverlaps(holds).map(({ text }) => text)).toEqual([
    'a (token 1) and b (token 2) both held the lock, for 10.0 ms',
    'a (token 1) and c (token 3) both held the lock, for 10.0 ms',
  ]);
  expect(findOverlaps([hold('a', 1, 0, 20), hold('b', 2, 20, 30)])).toEqual([]);
  // This one never believed.
  expect(findOverlaps([hold('a', 1, 0, 100), hold('b', 2, 50, 50)])).toEqual([]);
});

test('many may believe in shared locks at one moment, but nobody in an exclusive one beside them', () => {
  const shared = (client: string, from: number, until: number): Hold => ({
    ...hold(client, 0, from, until),
    mode: 'shared',
  });
  const readers = [shared('a', 0, 50), shared('b', 10, 30)];
  expect(findOverlaps([...readers, hold('c', 1, 50, 60), shared('d', 60, 70)])).toEqual([]);
  expect(
    findOverlaps([...readers, hold('c', 1, 40, 60), shared('d', 55, 70)]).map(({ text }) => text),
  ).toEqual([
    'a (a shared lock) and c (token 1) both held the lock, for 10.0 ms',
    'c (token 1) and d (a shared lock) both held the lock, for 5.0 ms',
  ]);
  expect(findDisorder([hold('c', 1, 0, 1), shared('a', 2, 3)])).toEqual([]);
});

test('a token that is not above the one granted before is out of order', () => {
  expect(findDisorder([hold('a', 1, 0, 1), hold('b', 2, 1, 2)])).toEqual([]);
  expect(findDisorder([hold('a', 2, 0, 1), hold('b', 2, 1, 2)])).toHaveLength(1);
  expect(findDisorder([hold('b', 1, 1, 2), hold('a', 2, 0, 1)])).toHaveLength(1);
});

test('an update that is written over is found', () => {
  const entries = [1, 2, 2, 3].map((balance, token) => ({ token, client: 'a', balance }));
  expect(findLostUpdates(entries, []).map(({ text }) => text)).toEqual([
    'a (token 2) wrote 2 after 2: an update was lost',
  ]);
});

test.each([
  { journal: null, fields: [3, 3, 3], journalAfter: null, torn: false },
  { journal: null, fields: [3, 3, 4], journalAfter: null, torn: true },
  { journal: null, fields: [3, 3, 3], journalAfter: 3, torn: true },
  { journal: 3, fields: [4, 4, 4], journalAfter: null, torn: true },
  // Its writer had to leave it.
  { journal: 3, fields: [4, 3, 3], journalAfter: 3, torn: false },
  { journal: 3, fields: [4, 4, 4], journalAfter: 3, torn: false },
  { journal: 3, fields: [4, 5, 3], journalAfter: 3, torn: true },
  { journal: 3, fields: [2, 3, 3], journalAfter: 3, torn: true },
])(
  'a read that shows a write in the midst of it is torn: $journal $fields $journalAfter',
  (one) => {
    expect(isTorn(one)).toBe(one.torn);
    if (one.journal !== null) expect(numberIn(one)).toBe(3);
  },
);

test('only a refusal of somebody who holds the lock is a finding', () => {
  const held = hold('a', 1, 0, 100);
  expect(findRefusedHolders([write(101, false, held), write(50, true, held)])).toEqual([]);
  expect(findRefusedHolders([write(50, false, held)])).toHaveLength(1);
});

test('only time with a majority counts against progress', () => {
  const writes = [write(1000, true, null), write(2000, false, null), write(12_500, true, null)];
  expect(findStandstills([{ from: 0, to: 13_000 }], writes)).toEqual([
    { text: 'nobody wrote for 11.5 s although a majority of nodes was up', at: 1000 },
  ]);
  const spans = [
    { from: 0, to: 5000 },
    { from: 6000, to: 13_000 },
  ];
  expect(findStandstills(spans, writes)).toEqual([]);
  expect(longestGap(spans, writes)).toBe(6500);
});

test('a belief ends with its release, and what was learned of it later does not prolong it', () => {
  let now = 0;
  const history = new History(5, () => now);
  history.told('a', { kind: 'granted', hold: 1, mode: 'exclusive', token: 1, at: 0, until: 100 });
  expect(history.holder()).toBe('a');
  history.told('a', { kind: 'extended', hold: 1, at: 50, until: 150 });
  now = 120;
  expect(history.holder()).toBe('a');
  history.told('a', { kind: 'ended', hold: 1, at: 110, lost: false });
  history.told('a', { kind: 'extended', hold: 1, at: 115, until: 215 });
  expect(history.holder()).toBe(null);
  expect(history.holds).toEqual([hold('a', 1, 0, 110)]);
});

test('there is a majority until the third of five nodes is away', () => {
  let now = 0;
  const history = new History(5, () => now);
  history.begin();
  for (const node of [0, 1, 2, 3]) {
    now = 10 * (node + 1);
    history.nodeAway(node);
  }
  now = 50;
  history.nodeBack(3);
  now = 60;
  history.nodeBack(0);
  now = 70;
  expect(history.end()).toEqual([
    { from: 0, to: 30 },
    { from: 60, to: 70 },
  ]);
});

test('no progress is asked for while the machine stands still, nor is what came before added to what comes after', () => {
  let now = 0;
  const history = new History(5, () => now);
  history.begin();
  now = 900;
  history.stoodStill(600);
  history.nodeAway(0);
  now = 8000;
  history.stoodStill(500);
  for (const node of [1, 2]) history.nodeAway(node);
  now = 9000;
  history.stoodStill(500);
  history.nodeBack(2);
  now = 20_000;
  const spans = history.end();
  expect(spans).toEqual([
    { from: 0, to: 300 },
    { from: 900, to: 7500 },
    { from: 8000, to: 8000 },
    { from: 9000, to: 20_000 },
  ]);
  expect(history.stalled).toBe(1600);
  expect(findStandstills(spans, [])).toHaveLength(1);
});

/** Runs a test in a folder that is removed afterwards. */
async function inFolder(act: (folder: string) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'redlock-chaos-test-'));
  try {
    act(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('the ledger refuses a lower token than one that has read', () =>
  inFolder((folder) => {
    const ledger = new Ledger(join(folder, 'ledger'));
    const late = { kind: 'write', hold: 1, token: 1, balance: 1 } as const;
    const first = { admitted: true, late: false, value: 0 };
    expect(ledger.access('a', { ...late, kind: 'read' })).toEqual(first);
    expect(ledger.access('b', { kind: 'read', hold: 1, token: 2 }).admitted).toBe(true);
    expect(ledger.access('a', late).admitted).toBe(false);
    expect(ledger.access('b', { ...late, token: 2 }).admitted).toBe(true);
    expect(ledger.entries()).toEqual([{ token: 2, client: 'b', balance: 1 }]);
  }));

test('the record refuses a change by a client whose lock has ended, and takes back one that came too late', () =>
  inFolder((folder) => {
    const times = [9, 9, 10, 9, 11, 11];
    const ledger = new Ledger(join(folder, 'ledger'));
    const record = new SharedRecord(folder, ledger, () => times.shift() ?? NaN);
    const title = { hold: 1, token: 1, until: 10 };
    const change = { kind: 'change', part: 'first', value: 1, ...title } as const;
    const look = { kind: 'look', part: 'first' } as const;
    const late = { admitted: false, late: true };
    expect(record.access('a', change)).toMatchObject({ admitted: true, late: false });
    expect(record.access('a', { ...change, value: 2 })).toMatchObject(late);
    expect(record.access('b', look).value).toBe(1);
    expect(record.access('a', { ...change, value: 3 })).toMatchObject(late);
    expect(record.access('b', look).value).toBe(1);
    expect(record.access('a', { kind: 'commit', balance: 1, ...title }).late).toBe(true);
    expect(ledger.entries()).toEqual([]);
    expect(times).toEqual([]);
  }));

test('a seed makes its plan of faults again', () => {
  const plan = planFaults(new Random(7), FORGET, 60_000);
  expect(planFaults(new Random(7), FORGET, 60_000)).toEqual(plan);
  expect(planFaults(new Random(8), FORGET, 60_000)).not.toEqual(plan);
  expect(new Set(plan.map(({ kind }) => kind))).toContain('forget');
  expect(new Set(plan.map(({ kind }) => kind))).toContain('crash');
  const paused = planFaults(new Random(7), DEFAULT, 60_000);
  expect(new Set(paused.map(({ kind }) => kind))).not.toContain('crash');
});
