import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { machineNow } from 'test-kit/machine-clock';
import type { Locker } from '../libraries/library.js';
import { outcomeOf } from './verdicts.js';
import { answerOf, RESOURCE, type Stage, type Trial } from './trial.js';

const TTL = 3000;
const REPETITIONS = 3;
const PATIENCE = 3 * TTL;

export const stolenLock: Trial = {
  key: 'stolen',
  name: 'the lock is taken away while it is extended',
  procedure: `A routine runs under a lock with a ttl of ${TTL} ms that the library extends. Right after the grant, all nodes give the key to somebody else. Watched: when the routine is told, from that moment, for ${PATIENCE} ms at most. When a library extends is its own choice: redlock-core after a third of the ttl, redis-semaphore and redlock-universal after four fifths, redlock 5 half a second before the end.`,
  nodes: 3,
  async run(stage) {
    const locker = await stage.locker({ patience: 'default' });
    if (!locker.using) return outcomeOf('no notice');
    const using = locker.using.bind(locker);
    const times = await Promise.all(
      Array.from({ length: REPETITIONS }, (_, index) =>
        steal(stage, using, `${RESOURCE}:${index}`),
      ),
    );
    const ms = times.filter((time) => time !== null);
    return ms.length < REPETITIONS ? outcomeOf('not told') : outcomeOf('told', ms);
  },
};

/** How long after the theft the signal aborts, in ms; null if it does not. */
async function steal(
  stage: Stage,
  using: NonNullable<Locker['using']>,
  resource: string,
): Promise<number | null> {
  let told: number | null = null;
  const routine = async (signal: AbortSignal): Promise<void> => {
    await stage.takeAway(resource);
    const stolen = machineNow();
    const ended = new AbortController();
    const late = sleep(PATIENCE, undefined, { signal: ended.signal }).catch(() => {});
    const aborted = signal.aborted ? Promise.resolve() : once(signal, 'abort');
    await Promise.race([aborted.then(() => (told = machineNow() - stolen)), late]);
    ended.abort();
  };
  await using(resource, TTL, routine).catch(() => {});
  return told;
}

const PASSWORD = 'a-secret-of-the-nodes';

export const password: Trial = {
  key: 'password',
  name: "the nodes' password in what a program prints",
  procedure:
    'The nodes want a password, and two of three refuse connections (clients with `commandTimeout: 500`). Printed with `util.inspect`, as `console.log` prints and again with `depth: Infinity`: a lock, and the error of a call that tries once.',
  nodes: 3,
  servers: { config: { requirepass: PASSWORD }, password: PASSWORD },
  async run(stage) {
    const locker = await stage.locker({ password: PASSWORD, commandTimeout: 500 });
    const held = await locker.acquire('printed', 10_000);
    for (const { proxy } of stage.deployment.nodes.slice(0, 2)) proxy.refuse();
    const answer = await answerOf(() => locker.acquire('refused', 10_000));
    if (answer.kind !== 'error') return outcomeOf('no answer');
    const notes = [`lock: ${exposure(held.lock)}`, `error: ${exposure(answer.error)}`];
    const isShown = notes.some((note) => !note.endsWith('never'));
    return outcomeOf(isShown ? 'shown' : 'hidden', [], notes);
  },
};

function exposure(value: unknown): string {
  if (inspect(value).includes(PASSWORD)) return 'by console.log';
  return inspect(value, { depth: Infinity }).includes(PASSWORD) ? 'at full depth' : 'never';
}
