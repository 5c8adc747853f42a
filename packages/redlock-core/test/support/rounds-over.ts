import { Rounds } from 'redlock-core/rounds';
import { ManualRuntime } from './manual-runtime.js';
import { TestNode } from './test-node.js';

/** Rounds over three nodes, time and chance that a test rules. */
export function roundsOverThree() {
  const runtime = new ManualRuntime();
  const nodes = ['a', 'b', 'c'].map((name) => new TestNode(name)) as [TestNode, TestNode, TestNode];
  for (const { server } of nodes) server.clock = runtime.wallNow;
  const [a, b, c] = nodes;
  return { rounds: new Rounds(nodes, runtime), runtime, nodes, a, b, c };
}
