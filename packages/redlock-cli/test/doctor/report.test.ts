import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { diagnosisOf } from '../../src/doctor/conclusion.js';
import type { Finding } from '../../src/doctor/diagnosis.js';
import { reportOf } from '../../src/doctor/report.js';

const finding: Finding = {
  level: 'note',
  code: 'ONE_HOST',
  node: null,
  message: 'word '.repeat(60).trim(),
  remedy: `ACL SETUSER ${'+zrange '.repeat(40).trim()}`,
};

test('no line is longer than 100 columns, but for a word that is', () => {
  const node = 'a-host-with-a-name.example.com:6379';
  const report = reportOf(diagnosisOf([finding, { ...finding, node, code: 'EVICTION' }]), 3);
  expect(Math.max(...report.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(reportOf(diagnosisOf([{ ...finding, message: 'x'.repeat(200) }]), 3)).toContain(
    `\n  ${'x'.repeat(200)}\n`,
  );
});

test('the worst is told first, and what is said twice is told once', () => {
  const warning: Finding = { ...finding, level: 'warning', code: 'SLOW' };
  const unsound: Finding = { ...finding, level: 'unsound', code: 'EVICTION' };
  const diagnosis = diagnosisOf([finding, warning, unsound, { ...warning }]);
  expect(diagnosis.sound).toBe(false);
  expect(diagnosis.findings.map(({ code }) => code)).toEqual(['EVICTION', 'SLOW', 'ONE_HOST']);
});

test('without a finding, there is one line', () => {
  expect(reportOf(diagnosisOf([]), 5)).toBe('5 nodes: sound\n');
});

test('docs/doctor.md explains every code', async () => {
  const sources = await readFile(new URL('../../src/doctor/diagnosis.ts', import.meta.url), 'utf8');
  const codes = Array.from(sources.matchAll(/^ {2}\| '([A-Z_]+)'/gm), ([, code]) => code);
  expect(codes.length).toBeGreaterThan(25);
  const page = await readFile(new URL('../../../../docs/doctor.md', import.meta.url), 'utf8');
  const explained = Array.from(page.matchAll(/^\| `([A-Z_]+)`/gm), ([, code]) => code);
  expect(explained.toSorted()).toEqual(codes.toSorted());
});
