import { expect, test } from '@jest/globals';
import { hashOf, stateOf } from '../../src/presets/link.js';
import { Run } from '../../src/presets/run.js';
import { TAKING_TURNS } from '../../src/presets/taking-turns.js';
import { logOf } from '../play.js';

async function disturbed(): Promise<Run> {
  const run = new Run(TAKING_TURNS, 5);
  await run.goTo(1200);
  run.act({ part: 'n1', verb: 'kill' });
  run.act({ part: 'B', verb: 'pause' });
  await run.goTo(2345);
  run.act({ part: 'A-n2', verb: 'cut' });
  await run.goTo(4000);
  run.act({ part: 'B', verb: 'resume' });
  run.act({ part: 'C', verb: 'forward' });
  await run.goTo(9000);
  return run;
}

test('a link restores the run, with all that the visitor has done', async () => {
  const run = await disturbed();
  const state = stateOf(hashOf(run.state));
  expect(state).not.toBeNull();
  const again = await Run.restored(state ?? run.state);
  expect(logOf(again)).toEqual(logOf(run));
  expect(again.time).toBe(9000);
  expect(hashOf(again.state)).toBe(hashOf(run.state));
});

test('a run does not depend on the steps in which time passes', async () => {
  const run = new Run(TAKING_TURNS, 3);
  for (let time = 0; time <= 6000; time += 17) await run.goTo(time);
  await run.goTo(6000);
  const atOnce = new Run(TAKING_TURNS, 3);
  await atOnce.goTo(6000);
  expect(logOf(run)).toEqual(logOf(atOnce));
});

test('what cannot change anything is not kept in the link', async () => {
  const run = new Run(TAKING_TURNS, 1);
  run.act({ part: 'n1', verb: 'resume' });
  expect(hashOf(run.state)).toBe('#cluster=turns,1,0');
});

test.each([
  '',
  '#install',
  '#cluster=',
  '#cluster=unknown,1,0',
  '#cluster=turns,1',
  '#cluster=turns,-1,0',
  '#cluster=turns,1,9999999999',
  '#cluster=turns,1,500,600.n1.kill',
  '#cluster=turns,1,500,400.n1.kill,300.n1.start',
  '#cluster=turns,1,500,400.n9.kill',
  '#cluster=turns,1,500,400.A.empty',
  '#cluster=turns,1,500,400.n1.__proto__',
])('a bad link is no state: %s', (hash) => {
  expect(stateOf(hash)).toBeNull();
});
