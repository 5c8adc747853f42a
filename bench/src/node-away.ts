import { FaultProxy, startServers } from 'test-kit';
import { startHelper } from './helper.js';
import type { JobOutput } from './jobs/index.js';
import type { Progress } from './progress.js';
import { NODES, TTL } from './deployment.js';

export type NodeAway = { readonly name: string } & JobOutput<'loseNode'>;

export interface NodeAwayPlan {
  readonly operations: number;
  readonly limitMs: number;
}

/** One of five nodes takes everything and answers nothing, beside five healthy nodes. */
export async function measureNodeAway(
  names: readonly string[],
  plan: NodeAwayPlan,
  progress: Progress,
): Promise<NodeAway[]> {
  const results: NodeAway[] = [];
  for (const name of names) {
    progress(name);
    results.push({ name, ...(await loseNode(name, plan)) });
  }
  return results;
}

/** With servers of its own for each subject: what a hanging one leaves behind is no other's. */
async function loseNode(subject: string, plan: NodeAwayPlan): Promise<JobOutput<'loseNode'>> {
  const servers = await startServers(NODES, { config: { appendonly: 'no' } });
  const [first, ...others] = servers;
  if (!first) throw new Error('No server was started');
  const proxy = await FaultProxy.start(first);
  try {
    await using helper = await startHelper('loseNode', {
      subject,
      healthy: servers.map(({ host, port }) => ({ host, port })),
      wounded: [proxy, ...others].map(({ host, port }) => ({ host, port })),
      ttl: TTL,
      ...plan,
    });
    proxy.blackHole();
    const output = await helper.run(plan.limitMs * 1.5);
    if (!output) throw new Error(`${subject} ended its process`);
    return output;
  } finally {
    await proxy.close();
    await Promise.all(servers.map((server) => server.close()));
  }
}
