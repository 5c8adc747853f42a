import { relative } from 'node:path';
import Sequencer from '@jest/test-sequencer';

/**
 * Files that take longest, longest first: what a run prints at its end. A file that starts late and takes long keeps
 * one worker busy while the others have nothing left to do.
 */
const LONGEST = [];

/** Starts the longest files first. Jest knows no durations on a fresh clone, and would go by the size of files. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path, context }) => {
      const index = LONGEST.indexOf(relative(context.config.rootDir, path));
      return index < 0 ? LONGEST.length : index;
    };
    return super.sort(tests).toSorted((one, other) => rank(one) - rank(other));
  }
}
