import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { world } from '../support/world.js';

const TTL = 3000;
const DATA = "its key holds a value that never expires, so it is probably another program's data.";

test('errors: a key with a value that never expires is named as data, and keyPrefix as the remedy', async () => {
  const { redlock, servers } = world();
  for (const server of servers) server.persist('r', 'data');
  const error = (await rejectionOf(redlock.acquire('r', TTL, { wait: 0 }))) as Error;
  expect(error).toMatchObject({ code: 'RESOURCE_LOCKED', owners: [] });
  expect(error.message).toContain(`${DATA} Choose another keyPrefix, or delete the key.`);
  expect(await redlock.tryAcquire('r', TTL)).toBeNull();
});

test("errors: an owner's label shows a lock without expiry, which is not named as data", async () => {
  const { redlock, servers } = world();
  for (const server of servers) server.persist('r', 'api-7:V1StGXR8_Z5jdHi6B-myT');
  const { message } = (await rejectionOf(redlock.acquire('r', TTL, { wait: 0 }))) as Error;
  expect(message).toContain('locked by api-7.');
  expect(message).not.toContain('data');
});
