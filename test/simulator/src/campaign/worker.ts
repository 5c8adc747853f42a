// Before the core is loaded, which keeps what it ticks by.
import './settling.js';
import { parentPort } from 'node:worker_threads';
import { Simulation, type Terms } from '../run/simulation.js';
import type { Report } from '../run/story.js';
import { addCounts, newTally, type Tally } from '../run/tally.js';
import { Trace } from '../world/trace.js';

/** Seeds that a worker runs, up to the first that fails. */
export interface Task extends Terms {
  readonly first: number;
  readonly count: number;
}

export interface TaskResult {
  readonly schedules: number;
  readonly events: number;
  readonly tally: Tally;
  /** Of all runs. */
  readonly digest: string;
  /** The last run, if it failed or was to be told. */
  readonly report: Report | null;
}

// Errors are made by the thousand, and nobody reads where.
Error.stackTraceLimit = 0;

let running: Simulation | null = null;
process.on('unhandledRejection', (reason) =>
  running?.fail('errors', `not handled: ${String(reason)}`),
);
process.on('uncaughtException', (error) => running?.fail('errors', `not caught: ${String(error)}`));

async function perform({ first, count, ...terms }: Task): Promise<TaskResult> {
  const tally = newTally();
  const trace = new Trace();
  let events = 0;
  let schedules = 0;
  let report: Report | null = null;
  for (let seed = first; seed < first + count && !report?.violation; seed++) {
    running = new Simulation(seed, terms);
    const outcome = await running.run();
    schedules++;
    events += outcome.events;
    addCounts(tally, outcome.tally);
    trace.text(outcome.report.digest);
    if (outcome.report.violation || terms.told) report = outcome.report;
  }
  return { schedules, events, tally, digest: trace.digest, report };
}

parentPort?.on('message', (task: Task) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  void perform(task).then((result) => parentPort?.postMessage(result));
});
