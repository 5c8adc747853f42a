import { expect, test } from '@jest/globals';
import type { DoctorFinding } from 'redlock-core/doctor';
import { reportOf } from '../src/doctor.js';

const finding: DoctorFinding = {
  level: 'info',
  code: 'SHARED_HOST',
  node: null,
  message: 'word '.repeat(60).trim(),
  fix: `ACL SETUSER ${'+zrange '.repeat(40).trim()}`,
};

/** The report without colors. */
function report(...findings: readonly DoctorFinding[]): string {
  return reportOf({ ok: true, findings }, 3, { paint: (_, text) => text });
}

test('no line of a report is longer than 100 columns, except for a word that is', () => {
  const node = 'a-host-with-a-name.example.com:6379';
  const lines = report(finding, { ...finding, node, code: 'EVICTION' }).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(lines).toContain(`  fix: ACL SETUSER ${'+zrange '.repeat(10).trim()}`);
  expect(report({ ...finding, message: `a ${'x'.repeat(200)} b` })).toContain(
    `\n  a\n  ${'x'.repeat(200)}\n  b\n`,
  );
});

test('a report colors the level and nothing else', () => {
  const findings = [{ ...finding, level: 'error' } as const, finding];
  const painted = reportOf({ ok: false, findings }, 3, {
    paint: (format, text) => `${String(format)}(${text})`,
  });
  expect(painted).toMatch(/^red\(error {2}\) {2}SHARED_HOST/);
  expect(painted).toContain('\ncyan(info   )  SHARED_HOST');
});

test('a report ends with the number of findings of each level', () => {
  expect(report()).toBe('3 nodes: ok\n');
  const warning = { ...finding, level: 'warning' } as const;
  const counts = report({ ...finding, level: 'error' }, warning, warning, finding, finding);
  expect(counts).toMatch(/\n\n3 nodes: 1 error, 2 warnings, 2 info\n$/);
});
