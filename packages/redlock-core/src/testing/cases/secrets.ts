import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { noticesAbsence } from '../ask.js';
import type { CaseScript } from '../conformance.js';
import { pace } from '../pace.js';

const TTL = 60_000;
const username = 'somebody-known';
const password = 'something-secret';

/** Credentials are shown nowhere. */
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
