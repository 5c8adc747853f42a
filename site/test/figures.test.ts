import { expect, test } from '@jest/globals';
import { tabulate } from '../src/figures.js';

const REPORT = `# Bench

## Throughput

64 workers.

|                | locks/s          |
| -------------- | ---------------: |
| ours           | 20,000 (19–21)   |
| theirs         | 5,000            |
| by hand, again | 6,000            |

## Latency

|      | alone, ms         | p99 |
| ---- | ----------------: | --: |
| ours | 0.42 (0.40–0.50)  | 2.0 |
`;

test('columns of several sections become one table of medians', () => {
  const table = tabulate(REPORT, 'locks | Throughput | locks/s\nms | Latency | alone, ms\n');
  expect(table.split('\n')).toEqual([
    '|  | locks | ms |',
    '| - | -: | -: |',
    '| ours | 20,000 | 0.42 |',
    '| theirs | 5,000 | – |',
  ]);
});

test('a section or column that the report does not have is an error', () => {
  expect(() => tabulate(REPORT, 'x | Size | kB')).toThrow('The report has no section "Size"');
  expect(() => tabulate(REPORT, 'x | Latency | max')).toThrow(
    'The section "Latency" has no column "max"',
  );
});
