import { setTimeout as sleep } from 'node:timers/promises';
import { underLock, type Workplace } from './workplace.js';

/** Adds an entry to the ledger. */
export async function updateLedger(workplace: Workplace): Promise<void> {
  const { parent } = workplace;
  await underLock(workplace, 'ledger', 'exclusive', async ({ fencingToken: token }, hold, ms) => {
    const { admitted, value } = await parent.access({ kind: 'read', hold, token });
    if (!admitted) return;
    await sleep(ms);
    // It does not look at the lock's signal: a pause can come after any look. The ledger refuses it.
    await parent.access({ kind: 'write', hold, token, balance: (value ?? 0) + 1 });
  });
}
