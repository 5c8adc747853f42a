// Before the core is loaded, which keeps what it ticks by.
import './settling.js';
import { parentPort } from 'node:worker_threads';
import { Simulation } from '../run/simulation.js';
import { Tally } from '../run/tally.js';
import type { Report, Task, TaskResult } from './task.js';
import { Trace } from '../world/trace.js';

// Errors are made by the thousand, and nobody reads where.
Error.stackTraceLimit = 0;

let running: Simulation | null = null;
process.on('unhandledRejection', (reason) =>
  running?.fail('errors', `not handled: ${String(reason)}`),
);
process.on('uncaughtException', (error) => running?.fail('errors', `not caught: ${String(error)}`));

async function perform({ first, count, ...terms }: Task): Promise<TaskResult> {
  const tally = new Tally();
  const trace = new Trace();
  let events = 0;
  let schedules = 0;
  let report: Report | null = null;
  for (let seed = first; seed < first + count && !report?.violation; seed++) {
    running = new Simulation(seed, terms);
    const outcome = await running.run();
    const { violation, digest, plan, story } = outcome;
    schedules++;
    events += outcome.events;
    tally.add(outcome.tally.counts);
    trace.text(digest);
    if (!violation && !story) continue;
    report = {
      seed,
      violation,
      digest,
      plan,
      lines: story?.lines ?? [],
      spans: story?.spans ?? [],
    };
  }
  return { schedules, events, tally: tally.counts, digest: trace.digest, report };
}

parentPort?.on('message', (task: Task) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  void perform(task).then((result) => parentPort?.postMessage(result));
});
