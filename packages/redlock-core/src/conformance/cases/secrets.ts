import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { noticesAbsence } from '../ask.js';
import { ResourceLockedError } from '../../errors.js';
import type { CaseScript } from '../conformance.js';
import { pace } from '../pace.js';

const TTL = 60_000;
const username = 'somebody-known';
const password = 'something-secret';

/** Credentials and tokens are shown nowhere. */
export const secretCases: readonly CaseScript[] = [
  {
    name: 'a user with a password is shown neither in the name nor in errors of a node',
    needs: ['server', 'users'],
    async check(fixture) {
      await fixture.control.ask(
        'ACL',
        'SETUSER',
        username,
        'on',
        `>${password}`,
        '~*',
        '&*',
        '+@all',
      );
      const node = await fixture.node({ username, password });
      isClean(node.name);
      const redlock = fixture.redlock(node);
      const hasty = fixture.redlock(node, { nodeTimeout: pace.hasty });
      const lock = await redlock.acquire(fixture.resource(), TTL, { wait: 0 });
      isClean(inspect(lock, { depth: Infinity, showHidden: true }));
      assert.equal(await lock.release(), true);

      await fixture.control.ask('ACL', 'SETUSER', username, '-@scripting');
      await isRefused(redlock.acquire(fixture.resource(), TTL, { wait: 0 }));
      await fixture.server.kill();
      await noticesAbsence(node);
      await isRefused(hasty.acquire(fixture.resource(), TTL, { wait: 0 }));
    },
  },
  {
    name: 'of the token of a lock, others are shown the label of its owner and nothing else',
    needs: [],
    async check(fixture) {
      const node = await fixture.node();
      const resource = fixture.resource();
      const holder = fixture.redlock(node, { owner: 'somebody else' });
      const { token } = await holder.acquire(resource, TTL, { wait: 0 });
      const [owner, secret = ''] = token.split(':');
      assert.equal(owner, 'somebody else');
      const error: unknown = await fixture
        .redlock(node)
        .acquire(resource, TTL, { wait: 0 })
        .catch((reason: unknown) => reason);
      assert.ok(ResourceLockedError.is(error), `a held lock was not denied: ${inspect(error)}`);
      assert.deepEqual(error.owners, [owner]);
      const shown = inspect(error, { depth: Infinity, showHidden: true }) + JSON.stringify(error);
      assert.ok(!shown.includes(secret), `a token is shown: ${shown}`);
    },
  },
];

async function isRefused(attempt: Promise<unknown>): Promise<void> {
  const error: unknown = await attempt.then(
    () => assert.fail('granted'),
    (reason: unknown) => reason,
  );
  isClean(inspect(error, { depth: Infinity, showHidden: true }));
  isClean(JSON.stringify(error));
}

function isClean(text: string): void {
  assert.ok(!text.includes(username), `a user name is shown: ${text}`);
  assert.ok(!text.includes(password), `a password is shown: ${text}`);
}
