import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Arguments, readArguments } from './arguments.js';
import { Chaos } from './chaos.js';
import { watchInterruption } from './interruption.js';
import { closeNodes, type DemoNodes, openNodes } from './nodes.js';
import { runPhase } from './phase.js';
import { figures, verdict } from './report.js';
import { Scoreboard } from './scoreboard.js';
import { NORMAL, SHORT, type Timetable } from './timetable.js';
import { openView } from './view.js';

process.exitCode = await main();

async function main(): Promise<number> {
  const args = readArguments();
  const interrupted = watchInterruption();
  try {
    return await demonstrate(args, interrupted);
  } catch (error) {
    console.error(interrupted.aborted ? 'Interrupted' : messageOf(error));
    return interrupted.aborted ? 130 : 1;
  }
}

/** With nodes and a folder that are gone afterwards, whatever happens. */
async function demonstrate(args: Arguments, interrupted: AbortSignal): Promise<number> {
  const nodes = await openNodes();
  try {
    interrupted.throwIfAborted();
    const folder = await mkdtemp(join(tmpdir(), 'redlock-demo-'));
    try {
      return await runPhases(nodes, folder, args, interrupted);
    } finally {
      await rm(folder, { recursive: true });
    }
  } finally {
    await closeNodes(nodes);
  }
}

/** @returns the exit status */
async function runPhases(
  nodes: DemoNodes,
  folder: string,
  { short, workers }: Arguments,
  interrupted: AbortSignal,
): Promise<number> {
  const times = short ? SHORT : NORMAL;
  const crew = Array.from({ length: workers }, (_, index) => `worker ${index + 1}`);
  const board = new Scoreboard(nodes.names, crew);
  const phase = { folder, nodes, board, interrupted };
  console.log(introduction(nodes, workers));
  const view = openView(board, process.stdout);
  try {
    await runPhase({
      ...phase,
      name: 'without a lock',
      course: (signal) => sleep(times.withoutLock, undefined, { signal }),
    });
    await runPhase({
      ...phase,
      name: 'with the lock',
      course: (signal) => lockedCourse(nodes, times, board, signal),
    });
  } finally {
    view.end();
  }
  const { passed, sentence } = verdict(board);
  console.log(`${figures(board)}\n\n${sentence}`);
  return passed ? 0 : 1;
}

async function lockedCourse(
  nodes: DemoNodes,
  times: Timetable,
  board: Scoreboard,
  signal: AbortSignal,
): Promise<void> {
  const least = sleep(times.withLock, undefined, { signal });
  // In-memory nodes have no process that could be killed.
  const servers = nodes.kind === 'servers' ? nodes.servers : [];
  const chaos = servers.length > 0 ? new Chaos(servers, times.outages, board).wreak(signal) : null;
  try {
    await Promise.all([least, chaos]);
  } finally {
    // A server must not be on its way up when all are closed.
    await Promise.allSettled([chaos]);
  }
}

function introduction(nodes: DemoNodes, workers: number): string {
  const hands = nodes.kind === 'servers' ? 'processes' : 'async tasks';
  return [
    `Nodes: ${nodes.description}`,
    `Work: ${workers} ${hands} add 1 to a number in one file: read, pause, write`,
  ].join('\n');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
