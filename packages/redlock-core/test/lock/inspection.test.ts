import { expect, test } from '@jest/globals';
import { DOWN } from '../support/test-node.js';
import { held, TTL, world } from '../support/world.js';

test('inspect shows the key of every node in the order given, and why one cannot', async () => {
  const { redlock, a, b, c, time } = world(3, { keyPrefix: 'app:' });
  await a.server.steal('app:r', 'holder');
  b.mode = new Error('connect ECONNREFUSED');
  c.mode = (command) => time.setTimeout(() => command.reply(), 5);
  const inspecting = redlock.inspect('r');
  await time.advance(5);
  expect(await inspecting).toEqual({
    resource: 'r',
    state: 'undecided',
    holders: [],
    waiting: 0,
    nodes: [
      { node: 'a', token: 'holder', expiresIn: expect.any(Number) },
      {
        node: 'b',
        token: null,
        expiresIn: null,
        error: { name: 'Error', code: 'CONNECTION', message: 'connect ECONNREFUSED' },
      },
      { node: 'c', token: null, expiresIn: null },
    ],
  });
});

test('inspect shows the remaining ttl, and the owner apart from the token', async () => {
  const { redlock, time } = world(3, { owner: 'api 7' });
  const { token } = await redlock.acquire('r', TTL);
  await time.advance(1000);
  const { nodes, holders } = await redlock.inspect('r');
  expect(nodes.map(({ expiresIn }) => expiresIn)).toEqual([TTL - 1000, TTL - 1000, TTL - 1000]);
  expect(holders).toMatchObject([{ token, owner: 'api 7' }]);
  expect(token).toMatch(/^api 7:[\w-]{21}$/);
});

test('inspect shows a key without expiry', async () => {
  const { redlock, a } = world();
  a.call = async () => ['manual', -1, 0];
  const { nodes } = await redlock.inspect('r');
  expect(nodes[0]).toEqual({ node: 'a', token: 'manual', expiresIn: null });
});

test('inspect shows the number of waiting processes: the highest that a node counts', async () => {
  const { redlock, a, b, c } = world();
  a.mode = (command) => command.replyWith([null, -2, 1]);
  b.mode = (command) => command.replyWith(['holder', 100, 3]);
  c.fail();
  expect(await redlock.inspect('r')).toMatchObject({ waiting: 3 });
});

test('inspect waits for a silent node for its timeout', async () => {
  const { redlock, c, time } = await held();
  c.hold();
  const inspecting = redlock.inspect('r');
  await time.advance(1000);
  expect((await inspecting).nodes[2]).toMatchObject({ token: null, error: { code: 'TIMEOUT' } });
});

/** How a node that has the key replies. */
function heldBy(token: string, ttl = 100): unknown {
  return [token, ttl, 0];
}

const FREE = [null, -2, 0];
/** The key says that it is shared, and the set of its holders is missing. */
const HOLDERS_MISSING = ['shared', 90, 0];
const HOLDER = { token: 'x', owner: null, mode: 'exclusive', expiresIn: 90 };

test.each([
  ['free', 'no node has the key', [FREE, FREE, FREE]],
  ['free', 'a quorum has no key', [FREE, heldBy('x'), FREE]],
  ['free', 'a quorum has no key and one has failed', [FREE, FREE, DOWN]],
  ['shared', 'the holders are missing', [HOLDERS_MISSING, HOLDERS_MISSING, FREE]],
  ['undecided', 'there are two holders and a free node', [heldBy('x'), heldBy('y'), FREE]],
  ['undecided', 'there are three holders', [heldBy('x'), heldBy('y'), heldBy('z')]],
  ['undecided', 'a node is held, one free and one has failed', [heldBy('x'), FREE, DOWN]],
  ['unknown', 'only a node that has the key answered', [DOWN, heldBy('x'), DOWN]],
  ['unknown', 'only a node that is free answered', [DOWN, FREE, DOWN]],
  [
    'exclusive',
    'a quorum names one holder, with the least ttl',
    [heldBy('x'), heldBy('y', 5), heldBy('x', 90)],
    [HOLDER],
  ],
  [
    'exclusive',
    'a quorum names one holder, for ever on one node',
    [heldBy('x', -1), heldBy('x', 90), DOWN],
    [HOLDER],
  ],
  [
    'exclusive',
    'a holder never expires',
    [heldBy('x', -1), heldBy('x', -1), FREE],
    [{ ...HOLDER, expiresIn: null }],
  ],
])(
  'the state is %s if %s',
  async (state, _, replies: readonly unknown[], holders: object[] = []) => {
    const { redlock, nodes } = world();
    for (const [index, node] of nodes.entries()) {
      const reply = replies[index];
      node.mode = reply instanceof Error ? reply : (command) => command.replyWith(reply);
    }
    expect(await redlock.inspect('r')).toMatchObject({ state, holders });
  },
);
