import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { Redlock, RedlockError } from 'redlock-core';
import { Deployment, isReady, majors, pace, rejectionOf } from 'test-kit';
import { ioredisNodeFromUrl } from 'redlock-ioredis-adapter';
import { openContender } from './support/contender.js';

const TTL = 60_000;
const PASSWORD = 'open-sesame-42';
const WRONG = 'swordfish-17';
const USER = 'alibaba';
const SECURE = {
  config: { requirepass: PASSWORD, user: `${USER} on >${PASSWORD} ~* +@all -eval -evalsha` },
  password: PASSWORD,
};

/** Everything that a log could show of a value. */
function shown(value: unknown): string {
  const text = inspect(value, { depth: Infinity, showHidden: true, getters: true });
  return `${text} ${JSON.stringify(value)} ${String(value)}`;
}

function expectNoSecret(value: unknown, ...secrets: readonly string[]): void {
  const text = shown(value);
  for (const secret of [PASSWORD, WRONG, USER, 'redis://', ...secrets]) {
    expect(text).not.toContain(secret);
  }
}

describe.each(majors)('with ioredis $major', ({ major }) => {
  test.each([
    ['a wrong password', { password: WRONG }],
    ['a wrong password of a user', { username: USER, password: WRONG }],
    ['no password', {}],
    ['a user without the right to run scripts', { username: USER, password: PASSWORD }],
  ])('failure 13: an error over %s shows no password, user or URL', async (_, client) => {
    await using deployment = await Deployment.start(3, SECURE);
    const { redlock } = openContender(deployment, major, { client, nodeTimeout: pace.hasty });
    const failures: unknown[] = [];
    redlock.on('nodeFailed', (failure) => void failures.push(failure));
    const error = await rejectionOf(redlock.acquire('safe', TTL, { wait: 0 }));
    expect(RedlockError.is(error)).toBe(true);
    const expected = { code: 'QUORUM_UNAVAILABLE', resources: ['safe'] };
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      ...expected,
      votes: expect.arrayContaining([expect.objectContaining({ vote: 'failed' })]),
    });
    expect(failures.length).toBeGreaterThanOrEqual(2);
    for (const value of [error, failures, redlock]) expectNoSecret(value);
    expectNoSecret(await redlock.inspect('safe'));
  });

  test('failure 13: a Lock, its events and the errors of dying servers show no secret, nor the client', async () => {
    await using deployment = await Deployment.start(3, SECURE);
    const client = { password: PASSWORD };
    const contender = openContender(deployment, major, { client, nodeTimeout: pace.hasty });
    await Promise.all(contender.clients.map((one) => isReady(one)));
    const { redlock } = contender;
    const payloads: unknown[] = [];
    const names = ['acquired', 'released', 'lost', 'contended', 'nodeFailed'] as const;
    for (const name of names) redlock.on(name, (payload) => void payloads.push(payload));
    const lock = await redlock.acquire('safe', TTL);
    const { token } = lock;
    const busy = await rejectionOf(redlock.acquire('safe', TTL, { wait: 0 }));
    // What others are told names no holder's token.
    expectNoSecret(busy, token);
    await Promise.all(deployment.nodes.map(({ server }) => server.kill()));
    const broken = await rejectionOf(lock.extend());
    expect(broken).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
    await lock.release();
    for (const value of [broken, lock, payloads]) {
      expectNoSecret(value);
      expect(shown(value)).not.toMatch(/Redis \{|retryStrategy|commandQueue/);
    }
  });
});

test('failure 13: a node made of a URL shows its host and port, and nothing else of the URL', async () => {
  await using deployment = await Deployment.start(1, SECURE);
  const { host, port } = deployment.node(0).proxy;
  const node = ioredisNodeFromUrl(`redis://${USER}:${WRONG}@${host}:${port}/2`);
  await using redlock = new Redlock([node], { nodeTimeout: pace.hasty });
  expect(node.name).toBe(`${host}:${port}`);
  const error = await rejectionOf(redlock.acquire('safe', TTL, { wait: 0 }));
  expect(error).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
  expectNoSecret(error);
  expectNoSecret(node.name);
});
