import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { RedlockError } from 'redlock-core';
import { Deployment, pace, rejectionOf } from 'test-kit';

const TTL = 60_000;
const PASSWORD = 'open-sesame-42';
const WRONG = 'swordfish-17';
const USER = 'alibaba';
const SECURE = {
  config: { requirepass: PASSWORD, user: `${USER} on >${PASSWORD} ~* +@all -eval -evalsha` },
  password: PASSWORD,
};
const QUORUM_UNAVAILABLE = { code: 'QUORUM_UNAVAILABLE', resources: ['safe'] };
const aFailure: unknown = expect.objectContaining({ result: 'failed' });

/** Everything that a log could show of a value. */
function shown(value: unknown): string {
  const text = inspect(value, { depth: Infinity, showHidden: true, getters: true });
  return `${text} ${JSON.stringify(value)} ${String(value)}`;
}

test.each([
  ['a wrong password', { password: WRONG }],
  ['a wrong password of a user', { username: USER, password: WRONG }],
  ['no password', {}],
  ['a user without the right to run scripts', { username: USER, password: PASSWORD }],
])(
  'failure 13: an error over %s is plain data without password, user or URL',
  async (_, client) => {
    await using deployment = await Deployment.start(3, SECURE);
    const { redlock } = deployment.open({ client, nodeTimeout: pace.hasty });
    const failures: unknown[] = [];
    redlock.on('nodeFailed', (failure) => void failures.push(failure));
    const error = await rejectionOf(redlock.acquire('safe', TTL, { wait: 0 }));
    expect(RedlockError.is(error)).toBe(true);
    const votes: unknown = expect.arrayContaining([aFailure]);
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ ...QUORUM_UNAVAILABLE, votes });
    expect(failures.length).toBeGreaterThanOrEqual(2);
    for (const value of [error, failures, redlock, await redlock.inspect('safe')]) {
      const text = shown(value);
      for (const secret of [PASSWORD, WRONG, USER, 'redis://', 'retryStrategy', 'commandQueue']) {
        expect(text).not.toContain(secret);
      }
    }
  },
);
