import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { casesOf, deploy, type Deployment, subjectOf, type Topology } from '../../src/index.js';

/** What is not run here is run by `pnpm compatibility`. */
export function runCases(topology: Topology, clients: readonly string[]): void {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy(topology);
  });
  afterAll(async () => deployment[Symbol.asyncDispose]());

  describe.each(clients.map(subjectOf))('$adapter with $client', (subject) => {
    for (const { name, skip, run } of casesOf(subject, topology, () => deployment)) {
      if (skip === undefined) test(name, run);
      else test.skip(`${name} (${skip})`, run);
    }
  });
}
