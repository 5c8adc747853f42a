import type { RedlockOptions } from 'redlock-core';
import { TestNode } from '../../support/test-node.js';
import { redlockOver, world } from '../../support/world.js';

export { after } from '../../support/world.js';

/** Three nodes that cannot subscribe. */
export function threeNodes(options: RedlockOptions = {}) {
  const [a, b, c] = [new TestNode('a'), new TestNode('b'), new TestNode('c')];
  return { ...redlockOver([a, b, c], options), a, b, c };
}

/** Three servers, and as many processes as a test asks for. */
export function threeServers() {
  const { time, servers, process } = world();
  return { runtime: time, servers, process };
}
