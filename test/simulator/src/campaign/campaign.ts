import { SimulationWorker } from './simulation-worker.js';
import { Tally } from '../run/tally.js';
import type { Report } from './task.js';

/** Seeds that a worker takes at a time. */
const SHARE = 100;

export interface CampaignResult {
  readonly schedules: number;
  readonly events: number;
  readonly tally: Tally;
  readonly ms: number;
  /** The lowest seed that failed. */
  readonly failure: Report | null;
}

/**
 * Runs many seeds with several workers, up to the first that fails.
 * @param progress called after each share
 */
export async function campaign(
  file: string,
  { first, count, workers }: { first: number; count: number; workers: number },
  progress: (schedules: number) => void = () => {},
): Promise<CampaignResult> {
  const start = performance.now();
  const tally = new Tally();
  const failures: Report[] = [];
  let next = first;
  let schedules = 0;
  let events = 0;
  const work = async (): Promise<void> => {
    const worker = new SimulationWorker(file);
    try {
      while (next < first + count && failures.length === 0) {
        const task = { first: next, count: Math.min(SHARE, first + count - next), told: false };
        next += task.count;
        const result = await worker.perform(task);
        schedules += result.schedules;
        events += result.events;
        tally.add(result.tally);
        if (result.report) failures.push(result.report);
        progress(schedules);
      }
    } finally {
      await worker.close();
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  const [failure = null] = failures.toSorted((a, b) => a.seed - b.seed);
  return { schedules, events, tally, ms: performance.now() - start, failure };
}
