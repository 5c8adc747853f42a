import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { settle } from './support/settle.js';
import { held, TTL, world } from './support/world.js';

const NO_WAIT = { wait: 0 };
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

function expectNoSecret(...values: readonly unknown[]): void {
  for (const text of values.map(shown)) {
    for (const secret of SECRETS) expect(text).not.toContain(secret);
  }
}

test.each(LEAKS)('secrets: no error and no event shows what a client says: %s', async (message) => {
  const { redlock, time, nodes, seen, lock } = await held();
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
    await rejectionOf(redlock.tryAcquire('s', TTL)),
  ];
  const { signal } = lock;
  await time.advance(TTL);
  expectNoSecret(...errors, signal.reason, lock, redlock, await redlock.inspect('r'));
  expect(seen.map(([event]) => event)).toContain('lost');
  expectNoSecret(...seen.map(([, payload]) => payload));
  // They still say what is wrong.
  const [word = ''] = message.split(' ');
  for (const error of errors) expect(String(error)).toContain(word);
});

test.each([
  ['of another library', 'anothers-token', null],
  ['that has no label, though it looks like one', 'anothers-token:thread-1', null],
  ['but its label', 'api-7:anothers-token-is-21-', 'api-7'],
])("secrets: nothing but inspect shows another holder's token %s", async (_, token, label) => {
  const { redlock, steal, seen } = world();
  await steal(token);
  const error = await rejectionOf(redlock.acquire('r', TTL, NO_WAIT));
  const lost = await rejectionOf(redlock.adopt('r', 'a token of long ago', TTL));
  const election = redlock.election('r', TTL);
  expect(seen.map(([event]) => event)).toContain('contended');
  expectNoSecret(error, lost, ...seen, await election.leader(), election);
  if (label) for (const value of [error, lost, ...seen]) expect(shown(value)).toContain(label);
  expect(shown(await redlock.inspect('r'))).toContain(token);
});

test.each([undefined, 'api-7'])(
  'secrets: only its property shows the token of a lock with owner %s',
  async (owner) => {
    const { redlock, seen, holders, everywhere } = world(3, owner ? { owner } : {});
    const lock = await redlock.acquire('r', TTL);
    expect(lock.token).toContain('-of-ours');
    expect(await holders()).toEqual(everywhere(lock.token));
    await lock.release();
    await settle();
    expectNoSecret(lock, await rejectionOf(lock.extend()), ...seen.map(([, payload]) => payload));
  },
);
