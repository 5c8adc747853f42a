import { startHelper } from './helper.js';
import type { JobOutput } from './jobs/index.js';
import type { Progress } from './progress.js';
import type { Deployment } from './deployment.js';

export type Held = { readonly name: string } & JobOutput<'hold'>;

/** Longer than all of it takes. */
const TTL = 60_000;
const WORKERS = 512;

/** Many locks held by one process. */
export async function measureHeld(
  { meter, addresses: servers }: Deployment,
  names: readonly string[],
  locks: number,
  progress: Progress,
): Promise<Held[]> {
  const results: Held[] = [];
  for (const subject of names) {
    progress(subject);
    await meter.clear();
    await using helper = await startHelper('hold', {
      subject,
      servers,
      ttl: TTL,
      locks,
      workers: WORKERS,
    });
    const output = await helper.run(TTL);
    if (!output) throw new Error(`${subject} did not take ${locks} locks in ${TTL} ms`);
    results.push({ name: subject, ...output });
  }
  return results;
}
