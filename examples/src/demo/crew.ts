import type { DemoNodes } from './nodes.js';
import { ProcessCrew } from './process-crew.js';
import { TaskCrew } from './task-crew.js';
import type { WorkerReport } from './worker-report.js';

/** The workers of one phase. */
export interface Crew {
  /** Aborts, with an error as its reason, when a worker fails. */
  readonly failed: AbortSignal;
  /** Lets each worker finish its update, and resolves when all have gone. Never rejects. */
  dismiss(): Promise<void>;
}

export interface Hiring {
  readonly workers: readonly string[];
  /** Where the counter is. */
  readonly folder: string;
  readonly nodes: DemoNodes;
  readonly locked: boolean;
  readonly report: (worker: string, report: WorkerReport) => void;
}

/** Processes, or tasks in this process where the nodes are in its memory. */
export function hire({ workers, folder, nodes, locked, report }: Hiring): Crew {
  if (nodes.kind === 'memory') {
    return new TaskCrew(workers, { folder, nodes: locked ? nodes.nodes : null }, report);
  }
  const ports = locked ? nodes.servers.map(({ port }) => port) : null;
  return new ProcessCrew(workers, { folder, ports }, report);
}
