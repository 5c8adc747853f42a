import { expect, test } from '@jest/globals';
import { withSections } from '../src/report.js';

const REPORT = '# Bench\n\nHead.\n\n## One\n\nold\n\n## One more\n\nstays\n\n## Two\n\nold\n';

test('sections of a later run replace those with their headings, and say when they were measured', () => {
  const report = withSections(REPORT, ['## One\n\nnew', '## Two\n\nnew'], 'Then.');
  expect(report.split(/\n+/)).toEqual(
    '# Bench|Head.|## One|Then.|new|## One more|stays|## Two|Then.|new|'.split('|'),
  );
  expect(() => withSections(REPORT, ['## Three\n\nnew'], '')).toThrow('no section "## Three"');
});
