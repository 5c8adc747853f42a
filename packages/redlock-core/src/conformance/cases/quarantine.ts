import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { answers } from '../ask.js';
import type { CaseScript } from '../conformance.js';
import { QuorumError } from '../../errors.js';
import type { RedisNode } from '../../redis-node.js';
import type { Redlock } from '../../redlock.js';
import type { Fixture } from '../fixture.js';
import { until } from '../until.js';

const TTL = 60_000;

/** Servers that forget. */
export const quarantineCases: readonly CaseScript[] = [
  {
    name: 'a server that restarts without its data grants nothing, one that was only cut off does',
    needs: ['server'],
    async check(fixture) {
      const { node, redlock, resource } = await hold(fixture);
      await fixture.control.cut();
      await answers(node);
      // The connections to other masters of a Cluster may still be coming back.
      const other = await redlock.acquire(fixture.resource(), TTL);
      assert.equal(await other.release(), true);

      await fixture.control.ask('FLUSHALL');
      await fixture.server.kill();
      await fixture.server.start();
      await answers(node);
      await refusesAsQuarantined(redlock, resource);
    },
  },
  {
    name: 'what is in flight while its server restarts without its data is not granted',
    needs: ['server'],
    async check(fixture) {
      const { node, redlock, resource } = await hold(fixture);
      await fixture.control.ask('FLUSHALL');
      await fixture.server.pause();
      const attempt = redlock.acquire(resource, TTL, { wait: 0 });
      const isRefused = assert.rejects(attempt, { code: 'QUORUM_UNAVAILABLE' });
      await fixture.server.kill();
      await fixture.server.start();
      await isRefused;
      await answers(node);
      await refusesAsQuarantined(redlock, resource);
    },
  },
];

/** Takes a lock that the server is then made to forget. */
async function hold(
  fixture: Fixture,
): Promise<{ node: RedisNode; redlock: Redlock; resource: string }> {
  const node = await fixture.node();
  await answers(node);
  const redlock = fixture.redlock(node, { quarantine: true, quarantineTime: TTL });
  const resource = fixture.resource();
  await redlock.acquire(resource, TTL, { wait: 0 });
  return { node, redlock, resource };
}

/**
 * Resolves when attempts are refused because the node is in quarantine. A server that was silent is left alone at
 * first, so the reason may be another one for a while.
 */
async function refusesAsQuarantined(redlock: Redlock, resource: string): Promise<void> {
  await until('the node is in quarantine', async () => {
    const error: unknown = await redlock
      .acquire(resource, TTL, { wait: 0 })
      .catch((reason) => reason);
    assert.ok(
      QuorumError.is(error),
      `a server that may have forgotten has granted: ${inspect(error)}`,
    );
    return error.votes[0]?.error?.code === 'QUARANTINED';
  });
}
