import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { casesOf, deploy, type Deployment, subjectOf, type Topology } from '../../src/index.js';

/** Whether a case takes a quarter of a minute, because it counts connections. */
export function takesLong(name: string): boolean {
  return name.startsWith('a sick server ');
}

/** Whether a case is about connections, restarts and subscriptions, in which topologies and clients differ. */
export function isAboutReconnection(name: string): boolean {
  const about = /connect|restart|server|subscription|in flight|removed listener/;
  return about.test(name) && !takesLong(name);
}

/** Runs cases of the conformance suite for one client after another. `pnpm compatibility` runs all cases for all. */
export function runCases(
  topology: Topology,
  clients: readonly string[],
  isChosen: (name: string) => boolean,
): void {
  describe(topology, () => {
    let deployment: Deployment;
    beforeAll(async () => {
      deployment = await deploy(topology);
    });
    afterAll(async () => deployment[Symbol.asyncDispose]());

    describe.each(clients.map(subjectOf))('$adapter with $client', (subject) => {
      for (const { name, skip, run } of casesOf(subject, topology, () => deployment)) {
        if (!isChosen(name)) continue;
        const title = isAboutReconnection(name) ? `reconnection: ${name}` : name;
        if (skip === undefined) test(title, run);
        else test.skip(`${title} (${skip})`, run);
      }
    });
  });
}
