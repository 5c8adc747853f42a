import { startHelper } from './helper.js';
import type { JobOutput } from './jobs/index.js';
import { OURS } from './roster.js';
import { type Deployment, TTL } from './deployment.js';

export type Growth = { readonly name: string } & JobOutput<'cycle'>;

const WORKERS = 64;
/** Longer than it takes. */
const LIMIT = 600_000;

/** What stays in memory of many locks that came and went. */
export async function measureGrowth(
  { meter, addresses: servers }: Deployment,
  cycles: number,
): Promise<Growth> {
  const [name] = OURS;
  await meter.clear();
  await using helper = await startHelper('cycle', {
    subject: name,
    servers,
    ttl: TTL,
    cycles,
    workers: WORKERS,
  });
  const output = await helper.run(LIMIT);
  if (!output) throw new Error(`${name} did not take ${cycles} locks in ${LIMIT} ms`);
  return { name, ...output };
}
