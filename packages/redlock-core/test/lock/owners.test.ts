import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { type RedlockOptions, ResourceLockedError } from 'redlock-core';
import { settle } from '../support/settle.js';
import { world } from '../support/world.js';

const TTL = 10_000;
const SECRET = 'V1StGXR8_Z5jdHi6B-myT';

/** The error of an acquire while each of five nodes holds one of these values; null: it is free. */
async function lockedBy(values: readonly (string | null)[], options: RedlockOptions = {}) {
  const { redlock, servers, seen } = world(values.length, options);
  for (const [index, server] of servers.entries()) {
    await server.steal('r', values[index] ?? undefined);
  }
  const error = await rejectionOf(redlock.acquire('r', TTL, { wait: 0 }));
  if (!ResourceLockedError.is(error)) throw new Error('not locked');
  return { error, seen };
}

/** The message of an error, without the votes. */
function what({ message }: Error): string {
  return message.replace(/\. Votes:.*/, '');
}

test('the error and the event of a denied caller name the owner of the lock', async () => {
  const { process } = world();
  const holder = process({ owner: 'api-7' });
  const other = process();
  await holder.redlock.acquire('invoice:42', TTL);
  await settle();
  const error = await rejectionOf(other.redlock.acquire('invoice:42', TTL, { wait: 0 }));
  if (!ResourceLockedError.is(error)) throw new Error('not locked');
  expect(what(error)).toBe(
    'Cannot lock "invoice:42": locked by api-7. Wait longer, or retry later',
  );
  expect(error.owners).toEqual(['api-7']);
  for (const vote of error.votes)
    expect(vote).toMatchObject({ result: 'denied', owners: ['api-7'] });
  expect(other.seen).toEqual([
    ['contended', { resources: ['invoice:42'], votes: error.votes, owners: ['api-7'] }],
  ]);
});

test('a holder without a label is another owner, and votes name none', async () => {
  const { error, seen } = await lockedBy([SECRET, SECRET, SECRET], { owner: 'my own' });
  expect(what(error)).toBe(
    'Cannot lock "r": locked by another client. Wait longer, or retry later',
  );
  expect(error.owners).toEqual([]);
  for (const vote of error.votes) expect(vote).not.toHaveProperty('owners');
  expect(seen).toMatchObject([['contended', { owners: [] }]]);
});

test('an error names each of several owners once, in the order of the nodes', async () => {
  const [a, b] = [`a:${SECRET}`, `b:${SECRET}`];
  const { error } = await lockedBy([b, a, SECRET, a, a]);
  expect(error.owners).toEqual(['b', 'a']);
  expect(error.votes.map(({ owners }) => owners)).toEqual([['b'], ['a'], undefined, ['a'], ['a']]);
  expect(what(error)).toContain('"r": locked by b, a and others. Wait');
});

test('a message names three owners at most, and the number of the others', async () => {
  const { process, servers } = world();
  for (const server of servers) {
    for (const name of ['a', 'b', 'c', 'd']) await server.steal(name, `of ${name}:${SECRET}`);
  }
  const { redlock } = process();
  const messageFor = async (resources: string[]): Promise<string> =>
    what((await rejectionOf(redlock.acquire(resources, TTL, { wait: 0 }))) as Error);
  expect(await messageFor(['a', 'b', 'c', 'd'])).toContain('by of a, of b, of c and 1 more. Wait');
  expect(await messageFor(['a', 'b'])).toContain(': locked by of a, of b. Wait');
});

test('keep-for: shows the owner that released the lock, and not its token', async () => {
  const { process } = world();
  const holder = process({ owner: 'api-7' });
  const lock = await holder.redlock.acquire('r', TTL);
  await lock.release({ keepFor: 30_000 });
  await settle();
  expect(await holder.redlock.inspect('r')).toMatchObject({
    state: 'exclusive',
    holders: [
      { owner: 'api-7', expiresIn: 30_000, token: expect.not.stringContaining(lock.token) },
    ],
  });
});

test('the channel that notifies a process does not show its label', async () => {
  const { process, time } = world();
  const lock = await process().redlock.acquire('r', TTL);
  const waiter = process({ owner: 'api-7' });
  const waiting = waiter.redlock.acquire('r', TTL, { wait: Infinity });
  await time.advance(0);
  expect(waiter.a.subscribedTo).toEqual([expect.stringMatching(/^redlock:notify:[\w-]{21}$/)]);
  await lock.release();
  await time.advance(10);
  expect((await waiting).token).toMatch(/^api-7:/);
});
