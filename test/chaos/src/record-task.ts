import { setTimeout as sleep } from 'node:timers/promises';
import type { Lock } from 'redlock-core';
import { beliefIn } from './holds.js';
import { machineNow } from 'test-kit/machine-clock';
import type { Reply } from './message.js';
import { FIELDS, numberIn, type Part, type Sighting } from './sighting.js';
import type { Careless } from './work.js';
import { underLock, type Workplace } from './workplace.js';

/** Of all locks, those to write. */
const WRITES = 0.2;
/** In ms, at most: between two looks of a reader. */
const PAUSE = 10;

/** Reads the record, or changes it. */
export async function useRecord(workplace: Workplace, careless: Careless | null): Promise<void> {
  if (workplace.random.chance(WRITES)) {
    await write(workplace, careless === 'writers' ? 'shared' : 'exclusive');
  } else if (careless === 'readers') {
    await look(workplace, () => true);
  } else {
    await read(workplace);
  }
}

/** Looks again and again until its time is over or its lock is lost. */
async function read(workplace: Workplace): Promise<void> {
  await underLock(workplace, 'record', 'shared', async (lock, _, ms) => {
    const end = machineNow() + ms;
    do {
      if (!(await look(workplace, () => isHeld(lock)))) return;
      await sleep(workplace.random.between(0, PAUSE));
    } while (machineNow() < end);
  });
}

async function write(workplace: Workplace, mode: 'shared' | 'exclusive'): Promise<void> {
  const { parent } = workplace;
  await underLock(workplace, 'record', mode, async (lock, hold, ms) => {
    const sighting = await look(workplace, () => isHeld(lock));
    if (!sighting) return;
    const before = numberIn(sighting);
    const titled = () => ({ hold, token: lock.fencingToken, until: beliefIn(lock).until });
    const step = async (act: () => Promise<Reply>): Promise<boolean> => {
      await sleep(ms / FIELDS.length);
      return isHeld(lock) && (await act()).admitted;
    };
    const change = (part: Part, value: number): Promise<boolean> =>
      step(() => parent.access({ kind: 'change', part, value, ...titled() }));
    if (!(await change('journal', before))) return;
    for (const field of FIELDS) if (!(await change(field, before + 1))) return;
    await step(() => parent.access({ kind: 'commit', balance: before + 1, ...titled() }));
  });
}

/** @returns null if the lock was lost before all was seen; what was seen counts for nothing then */
async function look(workplace: Workplace, isHeldStill: () => boolean): Promise<Sighting | null> {
  const { parent } = workplace;
  const seen = async (part: Part): Promise<number | null> =>
    (await parent.access({ kind: 'look', part })).value;
  const journal = await seen('journal');
  const fields: number[] = [];
  for (const field of FIELDS) fields.push((await seen(field)) ?? NaN);
  const sighting = { journal, fields, journalAfter: await seen('journal') };
  const at = machineNow();
  if (!isHeldStill()) return null;
  parent.tell({ kind: 'seen', at, sighting });
  return sighting;
}

function isHeld(lock: Lock): boolean {
  return !lock.signal.aborted && lock.remaining() > 0;
}
