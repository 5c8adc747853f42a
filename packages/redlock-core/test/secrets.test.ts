import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { settle } from './support/settle.js';
import { threeNodes } from './support/three-nodes.js';

const SECRETS = ['hunter2', 'bob', 'secret.example', 'anothers-token', '-of-ours'];

/** What clients and servers are known to say. */
const LEAKS = [
  'connect failed: redis://bob:hunter2@secret.example:6379/0',
  "NOPERM User bob has no permissions to run the 'eval' command",
  "ERR unknown command 'EVALSHA', with args beginning with: 'sha' '1' 'r' 'anothers-token'",
];

/** As a logger would show it, at any depth, with what is hidden too. */
function shown(value: unknown): string {
  return [
    inspect(value, { depth: Infinity, showHidden: true, getters: false }),
    inspect(value),
    String(value),
    JSON.stringify(value) ?? '',
  ].join('\n');
}

function expectNoSecret(value: unknown): void {
  for (const secret of SECRETS) expect(shown(value)).not.toContain(secret);
}

test.each(LEAKS)('%s: no error and no event shows it', async (message) => {
  const { redlock, runtime, nodes, seen } = threeNodes();
  const lock = await redlock.acquire('r', 10_000);
  for (const node of nodes) {
    // Clients hang themselves and their options onto what they throw.
    node.mode = Object.assign(new Error(message), {
      client: { options: { password: 'hunter2' } },
      command: { args: ['anothers-token'] },
      cause: new Error('redis://bob:hunter2@secret.example'),
    });
  }
  const errors = [
    await rejectionOf(lock.extend()),
    await rejectionOf(redlock.tryAcquire('s', 10_000)),
  ];
  const { signal } = lock;
  await runtime.advance(10_000);
  for (const value of [...errors, signal.reason, lock, redlock, await redlock.inspect('r')]) {
    expectNoSecret(value);
  }
  expect(seen.map(([event]) => event)).toContain('lost');
  for (const [, payload] of seen) expectNoSecret(payload);
  // They still say what is wrong.
  const [word = ''] = message.split(' ');
  for (const error of errors) expect(String(error)).toContain(word);
});

test('nothing shows the token of another holder', async () => {
  const { redlock, nodes, seen } = threeNodes();
  for (const node of nodes) await node.server.steal('r', 'anothers-token');
  expectNoSecret(await rejectionOf(redlock.acquire('r', 10_000, { wait: 0 })));
  expect(seen.map(([event]) => event)).toEqual(['contended']);
  for (const [, payload] of seen) expectNoSecret(payload);
});

test("of another holder's token nothing shows more than the label, inspect aside", async () => {
  const { redlock, nodes, seen } = threeNodes();
  const secret = 'anothers-token-is-21-';
  for (const node of nodes) await node.server.steal('r', `api-7:${secret}`);
  const error = await rejectionOf(redlock.acquire('r', 10_000, { wait: 0 }));
  const lost = await rejectionOf(redlock.adopt('r', 'a token of long ago', 10_000));
  const election = redlock.election('r', 10_000);
  for (const value of [error, lost, ...seen, await election.leader(), election]) {
    expectNoSecret(value);
  }
  for (const value of [error, lost, ...seen]) expect(shown(value)).toContain('api-7');
  expect(shown(await redlock.inspect('r'))).toContain(secret);
});

test('nothing shows a token of another form, however much it looks like a label', async () => {
  const { redlock, nodes, seen } = threeNodes();
  for (const node of nodes) await node.server.steal('r', 'anothers-token:thread-1');
  expectNoSecret(await rejectionOf(redlock.acquire('r', 10_000, { wait: 0 })));
  for (const [, payload] of seen) expectNoSecret(payload);
});

test.each([undefined, 'api-7'])(
  'nothing shows the token of a lock of owner %s but its property',
  async (owner) => {
    const { redlock, seen, a } = threeNodes({ owner });
    const lock = await redlock.acquire('r', 10_000);
    await lock.release();
    await settle();
    expect(lock.token).toContain('-of-ours');
    expect(a.latest('grant').token).toBe(lock.token);
    expectNoSecret(lock);
    expectNoSecret(await rejectionOf(lock.extend()));
    for (const [, payload] of seen) expectNoSecret(payload);
  },
);
