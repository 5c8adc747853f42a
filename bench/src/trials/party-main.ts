import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { aborted } from './aborted.js';
import { connect } from './clients.js';
import { machineNow } from 'test-kit/machine-clock';
import type { Cue, PartyInput, Report } from './party.js';
import { load } from './roster.js';

const { library, nodes } = JSON.parse(process.argv[2] ?? '') as PartyInput;
// A trial that is over has no use for this process.
process.once('disconnect', () => process.exit(1));
const locker = (await load(library)).open(await connect(nodes), {});
await (await locker.acquire(`warm-up:${process.pid}`, 10_000, 'once')).release();
const released = new EventTarget();
process.on('message', (cue: Cue) => void follow(cue));
report('ready');

async function follow(cue: Cue): Promise<void> {
  try {
    if (cue.do === 'release') released.dispatchEvent(new Event('release'));
    else await (cue.do === 'hold' ? hold(cue.resource, cue.ttl) : take(cue));
  } catch {
    report('failed');
  }
}

/** Holds an extended lock until it is told that the lock is lost, or to release it. */
async function hold(resource: string, ttl: number): Promise<void> {
  if (!locker.using) throw new Error('The library extends no lock by itself');
  await locker.using(resource, ttl, async (signal) => {
    report('granted');
    const told = aborted(signal).then(() => report('told'));
    await Promise.race([told, once(released, 'release')]);
  });
}

/** Waits for a lock, and holds it for some ms, or until it is told to release it if that is 0. */
async function take({ resource, ttl, ms }: Cue & { do: 'take' }): Promise<void> {
  const held = await locker.acquire(resource, ttl, 'forever');
  report('granted');
  await (ms > 0 ? sleep(ms) : once(released, 'release'));
  const at = machineNow();
  await held.release();
  report('released', at);
}

function report(did: Report['did'], at = machineNow()): void {
  process.send?.({ did, at } satisfies Report);
}
