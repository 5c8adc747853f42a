import { closeSubjects, Deployment, openSubjects } from './deployment.js';
import { startHelper } from './helper.js';
import { measureIdleRound } from './idle-round.js';
import { type Latency, type LatencyPlan, measureLatency } from './latency.js';
import { CLOSEST, REFERENCE } from './roster.js';

export interface DelayedLatency {
  /** Each way. */
  readonly delayMs: number;
  /** The time of a round over this network, until a quorum has answered, in ms. */
  readonly roundMs: number;
  readonly results: readonly Latency[];
}

const STARTED = 10_000;

/** A lone caller with a network between it and the nodes. */
export async function measureDelayedLatency(
  delayMs: number,
  plan: LatencyPlan,
): Promise<DelayedLatency> {
  await using deployment = await Deployment.start();
  await using network = await startHelper('delayNetwork', {
    servers: deployment.addresses,
    delayMs,
  });
  const output = await network.run(STARTED);
  if (!output) throw new Error('The proxies did not start');
  const roundMs = await measureIdleRound(output.nodes);
  const subjects = await openSubjects(CLOSEST, output.nodes);
  const results = await measureLatency(subjects, REFERENCE, plan);
  await closeSubjects(subjects);
  return { delayMs, roundMs, results };
}
