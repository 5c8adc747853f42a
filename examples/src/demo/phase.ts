import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CounterFile } from './counter-file.js';
import { hire } from './crew.js';
import type { DemoNodes } from './nodes.js';
import type { Scoreboard } from './scoreboard.js';

export interface PhasePlan {
  readonly name: Scoreboard['phase'];
  /** Of the whole demo; the phase has a folder of its own in it. */
  readonly folder: string;
  readonly nodes: DemoNodes;
  readonly board: Scoreboard;
  /** The phase lasts until it resolves. It rejects when its signal aborts. */
  readonly course: (signal: AbortSignal) => Promise<unknown>;
  readonly interrupted: AbortSignal;
}

/** Lets a fresh crew count in a fresh file for as long as the course takes. */
export async function runPhase(plan: PhasePlan): Promise<void> {
  const { name, nodes, board, course, interrupted } = plan;
  const locked = name === 'with the lock';
  const folder = join(plan.folder, locked ? 'with' : 'without');
  await mkdir(folder);
  const counter = new CounterFile(folder);
  await counter.write(0);

  board.begin(name);
  const start = performance.now();
  const crew = hire({
    workers: [...board.workers.keys()],
    folder,
    nodes,
    locked,
    report: (worker, report) => board.note(worker, report),
  });
  try {
    await course(AbortSignal.any([interrupted, crew.failed]));
  } finally {
    await crew.dismiss();
    // Why the course was cut short says more than that it was.
    crew.failed.throwIfAborted();
  }
  board.end(await counter.read(), performance.now() - start);
}
