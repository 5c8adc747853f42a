import { type Deployment } from '../deployment.js';
import { measureIdleRound } from '../idle-round.js';
import type { Progress } from '../progress.js';
import { spreadOf, type Spread } from '../spread.js';
import { MISHAPS, UNHURT } from './mishap.js';
import { playTrials } from './trial.js';

interface Fault {
  readonly name: string;
  readonly trials: number;
  /** How long nobody had the lock, in ms. */
  readonly gap: Spread;
  /** The median's, and the longest's, excess over the median where nobody is hurt, or over the ttl; in idle rounds. */
  readonly excess: { readonly median: number; readonly max: number };
  /** How often the lock went to the one whose turn it was. */
  readonly inOrder: number;
}

export interface Faults {
  readonly idleRoundMs: number;
  readonly rows: readonly Fault[];
}

/** One process holds a lock and three wait for it; then something happens to one of them. */
export async function measureFaults(
  { meter, addresses }: Deployment,
  trials: number,
  progress: Progress,
): Promise<Faults> {
  const idleRoundMs = await measureIdleRound(addresses);
  const rows: Fault[] = [];
  let undisturbed = NaN;
  for (const mishap of MISHAPS) {
    progress(mishap.name);
    await meter.clear();
    const results = await playTrials(addresses, mishap, trials);
    const gap = spreadOf(results.map((result) => result.gap));
    if (mishap === UNHURT) undisturbed = gap.median;
    const usual = mishap.endsWithTtl ? 0 : undisturbed;
    rows.push({
      name: mishap.name,
      trials,
      gap,
      excess: {
        median: (gap.median - usual) / idleRoundMs,
        max: (gap.max - usual) / idleRoundMs,
      },
      inOrder: results.filter(({ heirGotIt }) => heirGotIt).length,
    });
  }
  return { idleRoundMs, rows };
}
