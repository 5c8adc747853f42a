import { relative } from 'node:path';
import Sequencer from '@jest/test-sequencer';

/**
 * Files that take longest, longest first: what a run prints at its end. A file that starts late and takes long keeps
 * one worker busy while the others have nothing left to do.
 */
const LONGEST = [
  'test/simulator/test/mutants.slow.test.ts',
  'test/packed/test/formats.slow.test.ts',
  'test/simulator/test/simulator.test.ts',
  'packages/redlock-core/test/doctor/rights.test.ts',
  'packages/redlock-cli/test/run.test.ts',
  'packages/redlock-cli/test/doctor.test.ts',
  'test/system/waiting.test.ts',
  'packages/redlock-core/test/doctor/reachability.test.ts',
  'test/system/processes.test.ts',
  'test/system/failures-holding.test.ts',
];

/** Starts the longest files first. Jest knows no durations on a fresh clone, and would go by the size of files. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    // Jest's own method, not that of arrays.
    // oxlint-disable-next-line unicorn/no-array-sort
    const others = super.sort(tests);
    return others.toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

function rankOf({ path, context }) {
  const index = LONGEST.indexOf(relative(context.config.rootDir, path));
  return index < 0 ? LONGEST.length : index;
}
