import { expect, test } from '@jest/globals';
import { Quorum } from '../../src/quorum/quorum.js';
import { GuardedNode } from '../../src/node/guarded-node.js';
import { lockKeysOf } from '../../src/protocol/keys.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { settle } from '../support/settle.js';
import { TestNode } from '../support/test-node.js';

function make(runtime = new ManualRuntime()) {
  const nodes = ['a', 'b', 'c'].map((name) => new TestNode(name));
  for (const { server } of nodes) server.clock = runtime.wallNow;
  const events: unknown[] = [];
  const quorum = new Quorum(
    nodes.map((node) => new GuardedNode(node)),
    { nodeTimeout: undefined, quarantine: true, quarantineTime: undefined, driftFactor: 0.01, owner: undefined },
    runtime,
    {
      failed: (...all) => events.push(['failed', ...all]),
      recovered: (...all) => events.push(['recovered', ...all]),
      quarantined: (...all) => events.push(['quarantined', ...all]),
      trusted: (...all) => events.push(['trusted', ...all]),
      exceeded: () => {},
      clock: () => {},
    },
  );
  return { nodes, quorum, runtime, events };
}
const terms = (key: string) => ({ keys: lockKeysOf([key], '', true, []), ttl: 10_000, above: 0, queue: null, deadline: Infinity });

test('acquire, extend, release', async () => {
  const { nodes, quorum, runtime, events } = make();
  const result = await quorum.attempt(terms('r'));
  expect(result).toMatchObject({ granted: true });
  if (!result.granted) return;
  expect(await nodes[0]?.server.holderOf('r')).toBe(result.claim.token);
  const other = await quorum.attempt(terms('r'));
  expect(other).toMatchObject({ granted: false, verdict: 'locked' });
  expect((await quorum.extend(result.claim, 20_000)).verdict).toBe('extended');
  expect(await quorum.release(result.claim, { queue: { channel: 'x', tickets: [] } })).toBe(true);
  expect(await nodes[0]?.server.holderOf('r')).toBeNull();
  await settle();
  const b = nodes[1];
  b?.hold();
  const again = await quorum.attempt(terms('r'));
  expect(again).toMatchObject({ granted: true });
  await runtime.advance(600);
  expect(events).toMatchObject([['failed', 'b', { code: 'TIMEOUT' }]]);
  b?.answer();
  await settle();
  const all = await Promise.all(['x', 'y', 'z'].map((key) => quorum.attempt(terms(key))));
  expect(all.map(({ granted }) => granted)).toEqual([true, true, true]);
  await settle();
  expect(nodes[0]?.commands.at(-1)?.operations.length).toBe(3);
  await quorum.close();
});
