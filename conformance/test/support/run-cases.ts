import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { casesOf, deploy, type Deployment, subjects, type Topology } from '../../src/index.js';

/** Every adapter that can use a topology must pass on it. */
export function runCases(topology: Topology): void {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy(topology);
  }, 60_000);
  afterAll(async () => deployment[Symbol.asyncDispose]());

  const able = subjects.filter((subject) => subject.topologies.includes(topology));
  describe.each(able)('$adapter with $client', (subject) => {
    for (const { name, skip, run } of casesOf(subject, topology, () => deployment)) {
      if (skip === undefined) test(name, run);
      else test.skip(`${name} (${skip})`, run);
    }
  });
}
