import { expect, test } from '@jest/globals';
import { redlockCore } from '../src/trials/libraries/redlock-core.js';
import { redisSemaphore } from '../src/trials/libraries/redis-semaphore.js';
import type { Verdict } from '../src/trials/outcome.js';
import type { Library } from '../src/trials/library.js';
import type { LibraryName } from '../src/trials/packages.js';
import { repeatedAfterStall } from 'test-kit';
import { runTrial } from '../src/trials/trial.js';
import { trialOf } from '../src/trials/trials/index.js';

/** What a trial sees of a library, in this process. */
const expectVerdict = (
  name: LibraryName,
  library: Library,
): ((key: string, verdict: Verdict) => Promise<void>) =>
  repeatedAfterStall(async (key, verdict) => {
    expect(await runTrial(trialOf(key), name, library)).toMatchObject({ verdict });
  });

test.each<[string, Verdict]>([
  ['slow-nodes', 'says so'],
  ['late-release', 'untouched'],
  ['lost-keys', 'says so'],
  ['restart', 'one holder'],
])('redlock-core in the trial %s: %s', expectVerdict('redlock-core', redlockCore));

test.each<[string, Verdict]>([
  ['slow-nodes', 'expired lock'],
  ['restart', 'two holders'],
])('redis-semaphore in the trial %s: %s', expectVerdict('redis-semaphore', redisSemaphore));
