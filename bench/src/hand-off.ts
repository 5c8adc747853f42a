import type { Progress } from './progress.js';
import { commandsBetween } from './server-meter.js';
import { runTogether, startHelper } from './helper.js';
import { TTL, type Deployment } from './deployment.js';

export interface HandOff {
  readonly name: string;
  readonly acquired: number;
  /** All the time over the sum of the times held: 1 would be a lock that passes on at once. */
  readonly overhead: number;
  readonly seconds: number;
  readonly commands: number;
}

export interface HandOffPlan {
  /** Of each process. */
  readonly waiters: readonly number[];
  readonly holdMs: number;
  readonly limitMs: number;
}

/** Waiters for one resource in one process or several. */
export async function measureHandOff(
  deployment: Deployment,
  names: readonly string[],
  plan: HandOffPlan,
  progress: Progress,
): Promise<HandOff[]> {
  const results: HandOff[] = [];
  for (const name of names) {
    progress(name);
    results.push({ name, ...(await passAround(deployment, name, plan)) });
  }
  return results;
}

async function passAround(
  deployment: Deployment,
  subject: string,
  { waiters, holdMs, limitMs }: HandOffPlan,
): Promise<Omit<HandOff, 'name'>> {
  const { meter, addresses: servers } = deployment;
  const onlyInScripts = await deployment.onlyInScripts(subject);
  await meter.clear();
  const helpers = await Promise.all(
    waiters.map((count) =>
      startHelper('waitInTurn', {
        subject,
        servers,
        resource: 'hand-off',
        ttl: TTL,
        waiters: count,
        holdMs,
        limitMs,
      }),
    ),
  );
  const before = await meter.read();
  const start = performance.now();
  const outputs = await runTogether(helpers, limitMs * 1.2);
  const ms = performance.now() - start;
  const after = await meter.read();
  await Promise.all(helpers.map((helper) => helper[Symbol.asyncDispose]()));
  const sum = (figure: 'acquired' | 'heldMs'): number =>
    outputs.reduce((total, output) => total + output[figure], 0);
  return {
    acquired: sum('acquired'),
    overhead: ms / sum('heldMs'),
    seconds: ms / 1000,
    commands: commandsBetween(before, after, onlyInScripts) / sum('acquired'),
  };
}
