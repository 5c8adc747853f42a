import { expect, test } from '@jest/globals';
import { Actor, Deployment, pace, until } from 'test-kit';

/** Wall clocks of the processes, in ms from this one's. */
const AHEAD = [0, 4000, -4000, 8000];

test('fencing tokens grow in the order of the locks over processes with different clocks, while nodes are killed and restart', async () => {
  await using deployment = await Deployment.start(5);
  // The servers keep every write, so a restart loses no lock.
  const options = { nodeTimeout: 300, pollInterval: 2, quarantine: false } as const;
  const actors = await Promise.all(
    AHEAD.map((ahead) => Actor.start(deployment, { ahead, options })),
  );
  const holds: { readonly actor: Actor; readonly token: number }[] = [];
  const finish = new AbortController();
  const work = async (actor: Actor): Promise<void> => {
    while (!finish.signal.aborted) {
      const lock = await actor.acquire('shared', 10_000);
      // The process holds the lock when this message arrives, and until it is asked to release it.
      holds.push({ actor, token: lock.fencingToken });
      await actor.release(lock);
    }
  };
  const workers = Promise.all(actors.map(work));
  const progress = async (when: string): Promise<void> => {
    const wanted = holds.length + 20;
    await until(`20 more locks ${when}`, () => holds.length >= wanted, 2 * pace.limit);
  };

  await progress('with all nodes');
  for (const gone of [
    [0, 1],
    [2, 3],
    [4, 0],
    [0, 1, 2, 3, 4],
  ]) {
    const servers = gone.map((index) => deployment.node(index).server);
    await Promise.all(servers.map((server) => server.kill()));
    if (gone.length < 3) await progress(`without ${gone.join(' and ')}`);
    await Promise.all(servers.map((server) => server.start()));
    await progress(`with ${gone.join(', ')} again`);
  }
  finish.abort();
  await workers;
  const tokens = holds.map(({ token }) => token);
  expect(tokens.filter((token, index) => token <= (tokens[index - 1] ?? 0))).toEqual([]);
  expect(new Set(holds.map(({ actor }) => actor)).size).toBe(AHEAD.length);
});
