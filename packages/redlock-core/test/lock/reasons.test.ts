import { expect, test } from '@jest/globals';
import type { LockLostError } from 'redlock-core';
import { rejectionOf } from 'test-kit/rejection';
import { world } from '../support/world.js';

const TTL = 3000;

test('loss: a lock whose validity ended while the process stood still is EXPIRED, also while an extension was under way', async () => {
  const { redlock, runtime, nodes } = world();
  const lock = await redlock.acquire('r', TTL, { autoExtend: true });
  await runtime.advance(0);
  for (const node of nodes) node.mode = 'hold';
  await runtime.advance(1100);
  runtime.standStill(6000);
  await runtime.advance(0);
  expect((lock.signal.reason as LockLostError).reason).toBe('EXPIRED');
});

test.each([
  ['NOPERM', 'NOPERM this user has no permissions to run this command', 'rights'],
  ['OOM', "OOM command not allowed when used memory > 'maxmemory'", 'maxmemory'],
  ['MISCONF', 'MISCONF Errors writing to the AOF file', 'saving'],
  ['NOREPLICAS', 'NOREPLICAS Not enough good replicas to write.', 'min-replicas-to-write'],
  ['ERR', "ERR unknown command 'EVALSHA', with args beginning with: ", 'Lua'],
])(
  'errors: extend and acquire name an error reply %s that stays, and its fix',
  async (code, reply, fix) => {
    const { redlock, nodes } = world();
    const lock = await redlock.acquire('r', TTL);
    for (const node of nodes) node.mode = new Error(reply);
    const errors = [
      await rejectionOf(lock.extend()),
      await rejectionOf(redlock.acquire('other', TTL, { wait: 0 })),
      await rejectionOf(redlock.tryAcquire('other', TTL)),
    ];
    for (const error of errors) {
      const { message } = error as Error;
      expect(error).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
      expect(message).toContain(`answer ${code}. `);
      expect(message).toContain(fix);
      expect(message).not.toMatch(/reach|away/);
    }
  },
);
