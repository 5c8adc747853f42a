import { expect, test } from '@jest/globals';
import { KLEPPMANN_PAUSE } from '../../src/presets/kleppmann-pause.js';
import { hashOf, stateOf } from '../../src/presets/link.js';
import { Run } from '../../src/presets/run.js';

test('a run ends after ten minutes, so that its link is a good one', async () => {
  const run = new Run(KLEPPMANN_PAUSE, 1);
  await run.goTo(1e9);
  expect(run.time).toBe(600_000);
  expect(stateOf(hashOf(run.state))).toEqual(run.state);
});
