import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { AcquireOptions } from 'redlock-core';
import { world } from '../support/world.js';

const TTL = 10_000;
const ONCE = { wait: 0 };

const BY_CALLER =
  'the using routine around this call holds it. Pass reentrant: true to this call too, to share the lock.';
const BY_ROUTINE =
  'a using routine of this Redlock instance holds it. If this call runs in that routine, pass reentrant: true ' +
  'to both calls; otherwise wait longer, or retry later.';
const BY_CALL =
  'another call on this Redlock instance holds it. Release that lock first, or wait longer.';
const BY_ANOTHER = 'locked by another client. Wait longer, or retry later.';

function about(message: string, what = '"r"'): object {
  return {
    code: 'RESOURCE_LOCKED',
    message: `Cannot lock ${what}: ${message} Votes: a denied, b denied`,
  };
}

test.each([
  ['neither call is reentrant', {}, {}, BY_ROUTINE],
  ['only the inner call is reentrant', {}, { reentrant: true }, BY_ROUTINE],
  ['only the outer call is reentrant', { reentrant: true }, {}, BY_CALLER],
])(
  'the error for a resource that the routine around it holds says so and names the option: %s',
  async (_, outer, inner, message) => {
    const { redlock } = world();
    await redlock.using('r', TTL, outer, async () => {
      await Promise.resolve();
      const options: AcquireOptions = { ...inner, ...ONCE };
      expect(await rejectionOf(redlock.acquire('r', TTL, options))).toMatchObject(about(message));
      const using = redlock.using('r', TTL, options, () => null);
      expect(await rejectionOf(using)).toMatchObject(about(message));
    });
  },
);

test('the error for a resource that the routine around it holds names that one of several', async () => {
  const { redlock } = world();
  await redlock.using('r', TTL, async () => {
    const error = await rejectionOf(redlock.acquire(['q', 'r', 's'], TTL, ONCE));
    expect(error).toMatchObject({
      ...about(BY_ROUTINE.replace('it', '"r"'), '"q", "r", "s"'),
      resources: ['q', 'r', 's'],
    });
  });
});

test('the error for a resource that the routine around it holds is none from tryAcquire: null', async () => {
  const { redlock } = world();
  await redlock.using('r', TTL, { reentrant: true }, async () => {
    expect(await redlock.tryAcquire('r', TTL)).toBeNull();
  });
});

test('outside it, the error does not say that it is the caller', async () => {
  const { redlock } = world();
  const end = new AbortController();
  const running = redlock.using('r', TTL, { reentrant: true }, () => once(end.signal, 'abort'));
  const error = await rejectionOf(redlock.acquire('r', TTL, ONCE));
  expect(error).toMatchObject(about(BY_ROUTINE));
  end.abort();
  await running;
});

test('a lock of a plain acquire: the error says that this Redlock holds it', async () => {
  const { redlock } = world();
  const lock = await redlock.acquire('r', TTL);
  const error = await rejectionOf(redlock.acquire('r', TTL, ONCE));
  expect(error).toMatchObject(about(BY_CALL));
  await lock.release();
});

test('a lock of another process, and one that was detached: the error says that others hold it', async () => {
  const { process } = world();
  const [owner, other] = [process(), process()];
  const lock = await owner.redlock.acquire('r', TTL);
  const error = await rejectionOf(other.redlock.acquire('r', TTL, ONCE));
  expect(error).toMatchObject(about(BY_ANOTHER));
  lock.detach();
  const again = await rejectionOf(owner.redlock.acquire('r', TTL, ONCE));
  expect(again).toMatchObject(about(BY_ANOTHER));
});
