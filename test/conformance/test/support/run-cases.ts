import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { casesOf, deploy, type Deployment, subjectOf, type Topology } from '../../src/index.js';

/** The cases about connections, restarts and subscriptions, in which topologies and clients differ. */
const RECONNECTION =
  /^(?!a sick ).*(connect|restart|server|subscription|in flight|who does not listen)/;

/**
 * Runs the conformance suite for one client after another. `pnpm compatibility` runs all of it.
 * @param which all cases, those about connections, restarts and subscriptions, or the others
 */
export function runCases(
  topology: Topology,
  clients: readonly string[],
  which: 'all' | 'reconnection' | 'others' = 'all',
): void {
  describe(topology, () => {
    let deployment: Deployment;
    beforeAll(async () => {
      deployment = await deploy(topology);
    });
    afterAll(async () => deployment[Symbol.asyncDispose]());

    describe.each(clients.map(subjectOf))('$adapter with $client', (subject) => {
      for (const { name, skip, run } of casesOf(subject, topology, () => deployment)) {
        const reconnects = RECONNECTION.test(name);
        if (which !== 'all' && reconnects !== (which === 'reconnection')) continue;
        const title = reconnects ? `reconnection: ${name}` : name;
        if (skip === undefined) test(title, run);
        else test.skip(`${title} (${skip})`, run);
      }
    });
  });
}
