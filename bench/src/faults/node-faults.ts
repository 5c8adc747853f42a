import { FaultProxy, type RedisServer } from 'test-kit';
import { runContest } from '../contest/contest.js';
import { killSubscriptions } from '../contest/kill-subscriptions.js';
import { Deployment } from '../deployment.js';
import { OURS } from '../roster.js';
import type { Progress } from '../progress.js';
import { quantile } from '../spread.js';

export interface NodeFault {
  readonly name: string;
  readonly locks: number;
  readonly handOffMs: number;
  readonly p99: number;
  readonly longestGapMs: number;
  readonly longestWaitMs: number;
}

interface Place {
  readonly deployment: Deployment;
  /** The first node as all processes reach it. */
  readonly proxy: FaultProxy;
  readonly server: RedisServer;
}

/** Each fault begins with the time that counts, and lasts. */
const FAULTS: Readonly<Record<string, (place: Place) => (() => Promise<void>) | undefined>> = {
  none: () => undefined,
  'subscriptions killed ten times a second': ({ deployment }) =>
    killSubscriptions(deployment.addresses, 100),
  'one of five nodes dies': ({ server, proxy }) => {
    proxy.refuse();
    void server.kill();
    return undefined;
  },
  'one of five nodes is black-holed': ({ proxy }) => {
    proxy.blackHole();
    return undefined;
  },
};

const PROCESSES = 20;
const HOLD = 5;

/** Twenty processes that want one lock, while something is wrong with the nodes. */
export async function measureNodeFaults(ms: number, progress: Progress): Promise<NodeFault[]> {
  const results: NodeFault[] = [];
  for (const [name, befall] of Object.entries(FAULTS)) {
    progress(name);
    results.push({ name, ...(await contendUnder(befall, ms)) });
  }
  return results;
}

async function contendUnder(
  befall: (typeof FAULTS)[string],
  ms: number,
): Promise<Omit<NodeFault, 'name'>> {
  await using deployment = await Deployment.start();
  const [server, ...others] = deployment.servers;
  if (!server) throw new Error('No server was started');
  const proxy = await FaultProxy.start(server);
  let end: (() => Promise<void>) | undefined;
  try {
    const log = await runContest({
      servers: [proxy, ...others].map(({ host, port }) => ({ host, port })),
      resource: 'contended',
      parties: [{ subject: OURS[0], processes: PROCESSES, workers: 1, holdMs: HOLD, restMs: 0 }],
      ms,
      begin: () => {
        end = befall({ deployment, proxy, server });
        return Promise.resolve();
      },
    });
    const handOffs = log.handOffs('all');
    return {
      locks: log.holds.length,
      handOffMs: quantile(handOffs, 0.5),
      p99: quantile(handOffs, 0.99),
      longestGapMs: log.longestGap,
      longestWaitMs: log.longestWait(),
    };
  } finally {
    await end?.();
    await proxy.close();
  }
}
