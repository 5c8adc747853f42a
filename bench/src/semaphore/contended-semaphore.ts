import { collectTurns } from '../contest/contest.js';
import { NODES, type Deployment } from '../deployment.js';
import type { Progress } from '../progress.js';
import { PERMITS, SEMAPHORES } from '../roster.js';
import { callsBetween, commandsBetween, type ServerReading } from '../server-meter.js';
import { PermitUse } from './permit-use.js';

export const PROCESSES = 8;
export const WORKERS = 5;

/** For how many ms a permit is held. */
const HOLDS = [20, 200] as const;

export interface ContendedSemaphore {
  readonly subject: string;
  readonly holdMs: number;
  readonly acquisitions: number;
  /** The share of the time for which the permits were held; above 1 if there were more holders than permits. */
  readonly used: number;
  readonly mostAtOnce: number;
  /** For one acquisition and node: all that clients send, and of these the scripts. */
  readonly commands: number;
  readonly scripts: number;
}

/** Several processes that want permits of one semaphore again and again. */
export async function measureContendedSemaphore(
  deployment: Deployment,
  ms: number,
  progress: Progress,
): Promise<ContendedSemaphore[]> {
  const results: ContendedSemaphore[] = [];
  for (const subject of SEMAPHORES) {
    const onlyInScripts = await deployment.onlyInScripts(subject);
    for (const holdMs of HOLDS) {
      progress(`${subject}, held ${holdMs} ms`);
      results.push(await contend(deployment, onlyInScripts, subject, holdMs, ms));
    }
  }
  return results;
}

async function contend(
  { meter, addresses: servers }: Deployment,
  onlyInScripts: ReadonlySet<string>,
  subject: string,
  holdMs: number,
  ms: number,
): Promise<ContendedSemaphore> {
  await meter.clear();
  const readings: ServerReading[] = [];
  const read = async (): Promise<void> => void readings.push(await meter.read());
  const { turns, from, to } = await collectTurns({
    servers,
    resource: 'seats',
    parties: [{ subject, processes: PROCESSES, workers: WORKERS, holdMs, restMs: 0 }],
    ms,
    begin: read,
    end: read,
  });
  const [before, after] = readings;
  if (!before || !after) throw new Error('The meter was not read');
  const use = new PermitUse(turns.flat(), from, to);
  const byGrant = (calls: number): number => calls / use.granted / NODES;
  return {
    subject,
    holdMs,
    acquisitions: use.granted,
    used: use.shareOf(PERMITS),
    mostAtOnce: use.mostAtOnce,
    commands: byGrant(commandsBetween(before, after, onlyInScripts)),
    scripts: byGrant(callsBetween(before, after, ['eval', 'evalsha'])),
  };
}
