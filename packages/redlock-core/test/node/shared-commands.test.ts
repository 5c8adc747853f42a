import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { settle } from '../support/settle.js';
import { TTL, world } from '../support/world.js';

test('clean-up: a late grant of an aborted attempt is released, although another lock was released everywhere in the same turn', async () => {
  const { redlock, a, c, holders } = world();
  const other = await redlock.acquire('other', TTL);
  a.mode = 'hold';
  c.mode = 'hold';
  const caller = new AbortController();
  const acquiring = rejectionOf(redlock.acquire('r', TTL, { signal: caller.signal }));
  await settle();
  caller.abort();
  void other.release();
  await acquiring;
  await settle();
  a.answer();
  c.answer();
  await settle();
  expect(await holders()).toEqual([null, null, null]);
});
