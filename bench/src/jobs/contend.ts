import { setTimeout as sleep } from 'node:timers/promises';
import { machineNow } from 'test-kit/machine-clock';
import { type Address, sentCommands } from '../libraries/clients.js';
import { lockAndRelease } from '../libraries/library.js';
import { libraryOf } from '../libraries/roster.js';

/** One request for the lock, in ms on the machine's clock. */
export interface Turn {
  readonly wanted: number;
  /** Null: still waiting at the end. */
  granted: number | null;
  /** When the release was called. Null: still held at the end. */
  released: number | null;
}

interface Input {
  readonly library: string;
  readonly nodes: readonly Address[];
  readonly resource: string;
  readonly ttl: number;
  readonly workers: number;
  readonly holdMs: number;
  /** What each worker does before it wants the lock again. */
  readonly restMs: number;
  /** The lead of the process's wall clock over the machine's. */
  readonly clockAheadMs: number;
  /** The time that counts begins so long after the start, */
  readonly leadMs: number;
  /** lasts so long, */
  readonly ms: number;
  /** and this follows, so that no process ends before it is over. */
  readonly tailMs: number;
}

interface Output {
  readonly turns: readonly Turn[];
  /** Commands sent in the time that counts. */
  readonly commands: number;
}

/** Workers that want one resource again and again. At the end, what waits is left. */
export async function contend(input: Input): Promise<() => Promise<Output>> {
  setWallClockAhead(input.clockAheadMs);
  const library = await libraryOf(input.library).open(input.nodes);
  await lockAndRelease(library, `warm-up:${process.pid}`);
  return async () => {
    const turns: Turn[] = [];
    const worker = async (): Promise<never> => {
      for (;;) {
        const turn: Turn = { wanted: machineNow(), granted: null, released: null };
        turns.push(turn);
        const held = await library.acquire(input.resource, input.ttl);
        turn.granted = machineNow();
        await sleep(input.holdMs);
        turn.released = machineNow();
        await held.release();
        if (input.restMs > 0) await sleep(input.restMs);
      }
    };
    const count = async (): Promise<number> => {
      await sleep(input.leadMs);
      const before = sentCommands();
      await sleep(input.ms);
      const commands = sentCommands() - before;
      await sleep(input.tailMs);
      return commands;
    };
    const workers = Array.from({ length: input.workers }, worker);
    return { commands: await Promise.race([count(), ...workers]), turns };
  };
}

/** Timers and the monotonic clock stay as they are. */
function setWallClockAhead(ms: number): void {
  if (ms === 0) return;
  const now = Date.now.bind(Date);
  Date.now = () => now() + ms;
}
