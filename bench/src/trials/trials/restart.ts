import { isReady } from 'test-kit';
import { answerOf, valueOf } from '../answer.js';
import type { Stage } from '../stage.js';
import type { Trial } from '../trial.js';

const TTL = 30_000;

/**
 * A holder has two of three nodes, and one of these two restarts without its data.
 * @returns whether a second caller then gets the lock, and what else it gets
 */
const restart = (details: Pick<Trial, 'key' | 'name' | 'procedure'>, isNew: boolean): Trial => ({
  ...details,
  nodes: 3,
  async run(stage) {
    const holder = await stage.locker();
    const old = isNew ? null : await stage.lockerAndClients();
    await valueOf('lock', () => holder.acquire('job', TTL, 'once'));
    await stage.isEverywhere('job');
    await forget(stage);
    await Promise.all(old?.clients.map((client) => isReady(client)) ?? []);
    const second = old?.locker ?? (await stage.locker());
    const job = await answerOf(() => second.acquire('job', TTL, 'default'));
    const other = await answerOf(() => second.acquire('another job', TTL, 'default'));
    return {
      verdict: job.kind === 'value' ? 'two holders' : 'one holder',
      notes: [`another resource: ${other.kind === 'value' ? 'gets it' : 'says so'}`],
    };
  },
});

/** The last node had missed the grant; the one before it loses it. */
async function forget({ deployment, library }: Stage): Promise<void> {
  await deployment.node(2).probe.del(library.keyOf('job'));
  const { server, probe } = deployment.node(1);
  await server.start({ empty: true });
  await probe.ping();
}

const PROCEDURE =
  'A lock with a ttl of 30 s is held on two of three nodes, because the third had missed the grant. One of the two restarts without its data.';

export const restarts: readonly Trial[] = [
  restart(
    {
      key: 'restart',
      name: 'a node restarts empty; a second caller that was there',
      procedure: `${PROCEDURE} Then a caller that had used the nodes before wants the same resource, with the library's default retries, and another one. Servers with \`appendfsync always\` lose nothing, and with them no library is affected.`,
    },
    false,
  ),
  restart(
    {
      key: 'restart-newcomer',
      name: 'a node restarts empty; a second caller that starts later',
      procedure:
        "The same, but the second caller connects after the restart. redlock-core has `quarantine: 'strict'` for that; it is not the default, and not set here.",
    },
    true,
  ),
];
