/**
 * A nightly job run once in the whole fleet. Every machine has it in its timetable, so that it does not depend on any
 * one of them. The first to come does it. The others wait for a while, in case that one dies, and then see that it is
 * taken care of. Start it on two machines, or in two terminals: `nightly-job.js '0 * * * * *'` for each minute.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Cron } from 'croner';
import { Redlock, ResourceLockedError } from 'redlock-core';
import { openNodes } from './nodes.js';

/** How long a machine waits for the one that does the job, and for nodes that are away, in ms. */
const WAIT = Number(process.env['WAIT_MS'] ?? 10 * 60_000);

/**
 * How long nobody gets the lock after the job, in ms: longer than WAIT and the difference of two clocks together, and
 * shorter than the time to the next night.
 */
const KEEP_FOR = Number(process.env['KEEP_FOR_MS'] ?? 60 * 60_000);

/** Stands for the time that the job takes, in ms. */
const WORK = Number(process.env['WORK_MS'] ?? 2000);

/**
 * What the timetable of each machine calls, when its own clock says that it is time.
 *
 * @param signal ends the waiting, not the job
 */
async function nightly(redlock: Redlock, signal: AbortSignal): Promise<void> {
  try {
    const options = { wait: WAIT, autoExtend: true, signal };
    await using lock = await redlock.acquire('nightly-report', 10_000, options);
    await makeReport(lock.signal);
    // For the machines that wait, and for one whose clock is late. If the job fails, the lock is released at the end of
    // the block instead, and one of them tries.
    await lock.release({ keepFor: KEEP_FOR });
  } catch (error) {
    if (!ResourceLockedError.is(error)) throw error;
    console.log(`${time()} another machine makes it, or has made it`);
  }
}

/** Stands for the job. One in several steps looks at `signal` before each: see long-job.ts. */
async function makeReport(signal: AbortSignal): Promise<void> {
  console.log(`${time()} makes the report`);
  await sleep(WORK, undefined, { signal }).catch(() => signal.throwIfAborted());
  console.log(`${time()} has made the report`);
}

function time(): string {
  return new Date().toISOString();
}

const [pattern = '0 3 * * *'] = process.argv.slice(2);
// A node that restarts may lose the key that keepFor left, and a machine that has not run the job does not know of it.
const redlock = new Redlock(openNodes(), { quarantineTime: KEEP_FOR });
const stop = new AbortController();
let job: Promise<void> = Promise.resolve();
// In UTC, because a local time occurs twice, or not at all, in a night when the clocks change.
const timetable = new Cron(pattern, { timezone: 'UTC' }, () => {
  job = nightly(redlock, stop.signal).catch((error: Error) => {
    console.log(`${time()} ${error.message}`);
  });
});
console.log(`next at ${timetable.nextRun()?.toISOString()}`);

process.once('SIGTERM', () => void end());

/** A job under way ends first. */
async function end(): Promise<void> {
  timetable.stop();
  stop.abort();
  await job;
  await redlock.close();
}
