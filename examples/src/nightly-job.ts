/**
 * A nightly job run once in the whole fleet. Every machine has it in its timetable, so that it does
 * not depend on any one of them. The first to come does it; the others see that it is taken care of.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redlock } from 'redlock-core';
import { openNodes } from './nodes.js';

/**
 * How long nobody gets the lock after the job, in ms: longer than the clocks of two machines differ,
 * and shorter than the time to the next night. An hour, in life.
 */
const KEEP_FOR = 3000;

const reports: string[] = [];

/** What the timetable of each machine calls, when its own clock says that it is time. */
async function nightly(redlock: Redlock, machine: string): Promise<void> {
  // Extended while the job runs; when the machine dies, another may have it 10 s later.
  await using lock = await redlock.tryAcquire('nightly-report', 10_000, { autoExtend: true });
  if (lock === null) {
    console.log(`${machine}: somebody else does it, or has done it`);
    return;
  }
  console.log(`${machine}: making the report`);
  await makeReport(machine);
  // For a machine whose clock is behind, which comes when the job is done. If the job fails, the
  // lock is given back at the end of the block instead, and such a machine does it again.
  await lock.release({ keepFor: KEEP_FOR });
}

/** Stands for the job. One that takes long looks at `lock.signal`: see long-job.ts. */
async function makeReport(machine: string): Promise<void> {
  await sleep(200);
  reports.push(machine);
}

// In life these are machines. The prefix is a new one for each run of this program, so that it can
// be run again at once: what the last one kept is still there.
const keyPrefix = `fleet-${Date.now()}:`;
await using amsterdam = new Redlock(openNodes(), { keyPrefix });
await using berlin = new Redlock(openNodes(), { keyPrefix });
await using cairo = new Redlock(openNodes(), { keyPrefix });

for (const night of [1, 2]) {
  console.log(`night ${night}`);
  await Promise.all([nightly(amsterdam, 'amsterdam'), nightly(berlin, 'berlin')]);
  await sleep(500);
  await nightly(cairo, 'cairo, whose clock is behind');
  assert.equal(reports.length, night);
  await sleep(KEEP_FOR);
}
console.log('one report a night');
