import type { Leader } from '../election.js';
import type { Holder } from '../inspection.js';
import { Pause } from '../time/pause.js';
import type { Runtime } from '../time/runtime.js';

/** Number of requests to the nodes in each ttl, within these limits in ms. */
const POLLS = 10;
const LEAST_INTERVAL = 100;
const MOST_INTERVAL = 1000;

export interface ObservationTerms {
  /** The ttl of the leadership, in ms. */
  readonly ttl: number;
  readonly runtime: Runtime;
  /** Aborts when the Redlock is closed. */
  readonly closed: AbortSignal;
  /** Asks the nodes for the leader. null: there is none; `undefined`: they disagree, or too few have answered. */
  readonly ask: () => Promise<Holder | null | undefined>;
}

/**
 * Reports the leader, and each change of it once.
 *
 * Nodes announce a release only to processes that want the lock, so an observer polls. A dead leader is noticed when its
 * ttl ends. The interval only matters if a leader resigns: a tenth of the ttl is short compared to the time until a dead
 * leader is replaced, and costs each node one short command.
 */
export async function* observe(
  { ttl, runtime, closed, ask }: ObservationTerms,
  signal: AbortSignal,
): AsyncGenerator<Leader | null, void, undefined> {
  const interval = Math.min(Math.max(ttl / POLLS, LEAST_INTERVAL), MOST_INTERVAL);
  /** The token of the leader that was reported last; null: none; `undefined`: nothing was reported yet. */
  let told: string | null | undefined;
  while (!signal.aborted) {
    const holder = await ask();
    if (signal.aborted) return;
    // The key is gone the ms after its ttl.
    const next = runtime.now() + Math.min(interval, (holder?.expiresIn ?? Infinity) + 1);
    const token = holder && holder.token;
    if (token !== undefined && token !== told) {
      told = token;
      yield holder ? leaderOf(holder) : null;
    }
    const pause = new Pause(Math.max(next - runtime.now(), 0), runtime, [signal, closed]);
    pause.unref();
    await pause.over;
  }
}

export function leaderOf({ owner, expiresIn }: Holder): Leader {
  return { owner, expiresIn };
}
