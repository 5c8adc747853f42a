import { startHelper } from './helper.js';
import { OURS, REFERENCE } from './roster.js';
import { commandsBetween } from './server-meter.js';
import { NODES, TTL, type OpenSubject, type Deployment } from './deployment.js';

export interface Keeping {
  readonly name: string;
  readonly extensions: number;
  readonly lost: number;
  /** For one extension. */
  readonly clientMicros: number;
  /** For one extension and node. */
  readonly commands: number;
}

/** Many locks that one process keeps, beside one command for each lock and node. */
export async function measureKeeping(
  { meter, servers }: Deployment,
  onlyInScripts: OpenSubject['onlyInScripts'],
  locks: number,
  ms: number,
): Promise<Keeping[]> {
  const results: Keeping[] = [];
  for (const byHand of [false, true]) {
    await meter.clear();
    await using helper = await startHelper('keep', { servers, ttl: TTL, locks, ms, byHand });
    const before = await meter.read();
    const output = await helper.run(ms + 30_000);
    const after = await meter.read();
    if (!output) throw new Error('The helper hangs');
    const inScripts = new Set([...onlyInScripts, 'get', 'pexpire']);
    results.push({
      name: byHand ? REFERENCE : OURS[0],
      extensions: output.extensions,
      lost: output.lost,
      clientMicros: output.cpuMicros / output.extensions,
      commands: commandsBetween(before, after, inScripts) / output.extensions / NODES,
    });
  }
  return results;
}
