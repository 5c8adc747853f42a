import { Redlock, type EventName, type RedlockEvents, type RedlockOptions } from 'redlock-core';
import { ManualRuntime } from './manual-runtime.js';
import { TestNode } from './test-node.js';

type Seen = { [E in EventName]: readonly [E, RedlockEvents[E]] }[EventName];

const EVENTS = [
  'acquired',
  'extended',
  'released',
  'lost',
  'contended',
  'nodeFailed',
  'nodeRecovered',
  'nodeQuarantined',
  'nodeTrusted',
] as const satisfies readonly EventName[];

/** A Redlock over nodes, time and chance that a test rules, with the events it has emitted. */
export function redlockOver(
  nodes: readonly TestNode[],
  options: RedlockOptions = {},
  runtime = new ManualRuntime(),
) {
  // All clocks agree, until a test sets one.
  for (const { server } of nodes) server.clock = runtime.wallNow;
  const redlock = new Redlock(nodes, options, runtime);
  const seen: Seen[] = [];
  for (const event of EVENTS) {
    redlock.on(event, (payload) => seen.push([event, payload] as unknown as Seen));
  }
  const names = (): EventName[] => seen.map(([event]) => event);
  return { redlock, runtime, nodes, seen, names };
}

/** The usual case: three nodes, of which two make a quorum. */
export function threeNodes(options: RedlockOptions = {}) {
  const a = new TestNode('a');
  const b = new TestNode('b');
  const c = new TestNode('c');
  return { ...redlockOver([a, b, c], options), a, b, c };
}

/** Three nodes of which two deny, so that every attempt has failed before `c` has answered. */
export async function lockedElsewhere(resource = 'r') {
  const three = threeNodes();
  await three.a.server.steal(resource, 'other');
  await three.b.server.steal(resource, 'other');
  return three;
}

export function nodesNamed(count: number): TestNode[] {
  return Array.from({ length: count }, (_, index) => new TestNode(`n${index}`));
}
