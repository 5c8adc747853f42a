import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Terms } from '../run/simulation.js';
import type { Report } from '../run/story.js';
import { addCounts, newTally, type Tally } from '../run/tally.js';
import type { Task, TaskResult } from './worker.js';

/** Which seeds are run, by how many workers, and how. */
export interface Campaign extends Partial<Terms> {
  readonly first: number;
  readonly count: number;
  readonly workers: number;
  /** Seeds that a worker takes at a time. */
  readonly share?: number;
}

export interface CampaignResult {
  readonly schedules: number;
  readonly events: number;
  readonly tally: Tally;
  /** The lowest seed that failed. */
  readonly failure: Report | null;
}

/**
 * Runs many seeds with several workers, up to the first that fails.
 * @param progress called after each share
 */
export async function campaign(
  file: string,
  { first, count, workers, share = 100, ...terms }: Campaign,
  progress: (schedules: number) => void = () => {},
): Promise<CampaignResult> {
  const tally = newTally();
  const failures: Report[] = [];
  let next = first;
  let schedules = 0;
  let events = 0;
  const takeShares = async (worker: Worker): Promise<void> => {
    while (next < first + count && failures.length === 0) {
      const task = { first: next, count: Math.min(share, first + count - next), ...terms };
      next += task.count;
      const result = await send(worker, { told: false, ...task });
      schedules += result.schedules;
      events += result.events;
      addCounts(tally, result.tally);
      if (result.report) failures.push(result.report);
      progress(schedules);
    }
  };
  await Promise.all(Array.from({ length: workers }, () => withWorker(file, takeShares)));
  const [failure = null] = failures.toSorted((a, b) => a.seed - b.seed);
  return { schedules, events, tally, failure };
}

/** Runs one task in a thread. @param file see {@link bundle} */
export function perform(file: string, task: Task): Promise<TaskResult> {
  return withWorker(file, (worker) => send(worker, task));
}

async function withWorker<T>(file: string, use: (worker: Worker) => Promise<T>): Promise<T> {
  const worker = new Worker(file, { stdout: false });
  try {
    return await use(worker);
  } finally {
    await worker.terminate();
  }
}

async function send(worker: Worker, task: Task): Promise<TaskResult> {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  worker.postMessage(task);
  const [result] = (await once(worker, 'message')) as [TaskResult];
  return result;
}

/** What the runs never exercised. */
export function neverHappened(tally: Tally): readonly string[] {
  return Object.entries(tally)
    .filter(([, count]) => count === 0)
    .map(([name]) => name);
}
