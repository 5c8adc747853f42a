import type { RedlockOptions } from 'redlock-core';
import { TestNode } from './test-node.js';
import { redlockOver } from './world.js';

export { nodesNamed, redlockOver } from './world.js';

/** Goes: use `world()`. */
export function threeNodes(options: RedlockOptions = {}) {
  const a = new TestNode('a');
  const b = new TestNode('b');
  const c = new TestNode('c');
  return { ...redlockOver([a, b, c], options), a, b, c };
}

/** Goes: use `heldElsewhere()`. */
export async function lockedElsewhere(resource = 'r') {
  const three = threeNodes();
  await three.a.server.steal(resource, 'other');
  await three.b.server.steal(resource, 'other');
  return three;
}
