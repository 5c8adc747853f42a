import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CaseScript } from '../conformance.js';
import { ailments, SickServer } from '../sick-server.js';
import type { Fixture } from '../fixture.js';

/** How long connections are counted, in ms: while locks are requested, and after everything is closed. */
const IN_USE = 15_000;
const CLOSED = 1000;

/** A node may make twice as many connections as its client alone, and this many more in each second. */
const SLACK = 2;

/** Servers that take connections and serve no client. */
export const reconnectionCases: readonly CaseScript[] = [
  {
    name: 'a sick server gets hardly more connections than the client makes by itself',
    needs: ['server', 'lazy'],
    async check(fixture) {
      const wards = await Promise.all(
        Object.entries(ailments).map(async ([name, ailment]) => {
          const [used, plain] = [await SickServer.start(ailment), await SickServer.start(ailment)];
          return { name, used, plain };
        }),
      );
      try {
        await Promise.all(wards.map(({ used, plain }) => beset(fixture, used, plain)));
        await sleep(IN_USE);
        await fixture.end();
        await sleep(CLOSED);
        const most = SLACK * Math.ceil((IN_USE + CLOSED) / 1000);
        const storms = wards.filter(
          ({ used, plain }) => used.connections > 2 * plain.connections + most,
        );
        assert.deepEqual(
          storms.map(
            ({ name, used, plain }) =>
              `${name}: ${used.rate.join(' ')} a second; the client alone ${plain.rate.join(' ')}`,
          ),
          [],
        );
      } finally {
        for (const server of wards.flatMap(({ used, plain }) => [used, plain])) server.close();
      }
    },
  },
];

/** Asks for locks all the time. The same client connects to another server and does nothing else, for comparison. */
async function beset(fixture: Fixture, used: SickServer, plain: SickServer): Promise<void> {
  const credentials = { username: 'somebody-known', password: 'something-secret' };
  const node = await fixture.nodeAtOnce({ ...used.address, ...credentials, lazy: true });
  const redlock = fixture.redlock(node, { nodeTimeout: 100 });
  // The call ends with the Redlock.
  redlock.acquire(fixture.resource(), 60_000, { wait: Infinity, pollInterval: 50 }).catch(() => {});
  await fixture.plainClient({ ...plain.address, ...credentials });
}
