import { runTogether, startHelper } from './helper.js';
import type { Deployment } from './deployment.js';
import { TTL } from './deployment.js';

export interface ConfirmShare {
  readonly situation: string;
  readonly locks: number;
  readonly confirmed: number;
}

const SITUATIONS = [
  { situation: 'one caller', processes: 1, workers: 1, shared: null },
  { situation: '64 callers, a new resource each time', processes: 1, workers: 64, shared: null },
  { situation: '4 processes of 8 callers, 16 resources', processes: 4, workers: 8, shared: 16 },
  { situation: '4 processes of 8 callers, 1 resource', processes: 4, workers: 8, shared: 1 },
];

/** How often fencing costs a third round, for redlock-core. */
export async function measureConfirmShare(
  { meter, addresses: servers }: Deployment,
  ms: number,
): Promise<ConfirmShare[]> {
  const shares: ConfirmShare[] = [];
  for (const { situation, processes, ...work } of SITUATIONS) {
    await meter.clear();
    const helpers = await Promise.all(
      Array.from({ length: processes }, () =>
        startHelper('confirms', { servers, ttl: TTL, ms, ...work }),
      ),
    );
    const outputs = await runTogether(helpers, ms + 30_000);
    await Promise.all(helpers.map((helper) => helper[Symbol.asyncDispose]()));
    if (outputs.length < processes) throw new Error(`A helper hangs: ${situation}`);
    const sum = (figure: 'locks' | 'confirmed'): number =>
      outputs.reduce((total, output) => total + output[figure], 0);
    shares.push({ situation, locks: sum('locks'), confirmed: sum('confirmed') });
  }
  return shares;
}
