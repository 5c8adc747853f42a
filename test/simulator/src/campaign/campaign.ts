import { SimulationWorker } from './simulation-worker.js';
import type { Terms } from '../run/simulation.js';
import { Tally } from '../run/tally.js';
import type { Report } from './task.js';

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
  { first, count, workers, share = 100, ...terms }: Campaign,
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
        const task = {
          first: next,
          count: Math.min(share, first + count - next),
          told: false,
          ...terms,
        };
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
