import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { answers } from '../ask.js';
import type { CaseScript, ConformanceTarget } from '../conformance.js';
import { QuorumError } from '../../errors.js';
import { ailments, SickServer } from '../sick-server.js';
import type { Fixture } from '../fixture.js';
import { until } from '../until.js';
import type { ErrorData } from '../../vote.js';

const TTL = 60_000;
const credentials = { username: 'somebody-known', password: 'something-secret' };

/** Why a node is not connected. */
export const reasonCases: readonly CaseScript[] = [
  {
    name: 'a node whose password is refused says so until it is ready, without the password',
    needs: ['server', 'lazy', 'lastError'],
    async check(fixture) {
      const server = await SickServer.start(ailments['refuses the password']);
      try {
        const target = { ...server.address, ...credentials };
        const reason = await reasonAt(fixture, target, ({ code }) => code === 'WRONGPASS');
        assert.match(reason.message, /not connected.*WRONGPASS/);
      } finally {
        server.close();
      }
      const node = await fixture.node();
      await answers(node);
      assert.equal(node.lastError, undefined);
    },
  },
  {
    name: 'a node whose server cannot be reached says which error its client has got',
    needs: ['server', 'lazy', 'lastError', 'reasons'],
    async check(fixture) {
      const server = await SickServer.start(ailments['closes at once']);
      server.close();
      const refused = await reasonAt(fixture, server.address, hasReason);
      assert.equal(refused.code, 'ECONNREFUSED');
      const unknown = await reasonAt(fixture, { host: 'nowhere.invalid' }, hasReason);
      // Without a network, it cannot be known that there is no such host.
      assert.match(unknown.code, /^(ENOTFOUND|EAI_AGAIN)$/);
    },
  },
  {
    name: 'a node whose server refuses its database says so, and locks in no other',
    needs: ['server', 'lazy', 'db', 'lastError'],
    async check(fixture) {
      const reason = await reasonAt(fixture, { db: 99 }, ({ message }) =>
        /database|DB/.test(message),
      );
      assert.match(reason.message, /^not connected/);
    },
  },
];

/** Resolves with the error of the node's vote, when it is as expected. */
async function reasonAt(
  fixture: Fixture,
  target: Partial<ConformanceTarget>,
  isExpected: (error: ErrorData) => boolean,
): Promise<ErrorData> {
  const node = await fixture.nodeAtOnce({ ...target, lazy: true });
  const redlock = fixture.redlock(node, { nodeTimeout: 500 });
  const resource = fixture.resource();
  let reason: ErrorData | undefined;
  await until('the node says why it is not connected', async () => {
    const attempt = redlock.acquire(resource, TTL, { wait: 0 });
    const error: unknown = await attempt.catch((refusal: unknown) => refusal);
    assert.ok(QuorumError.is(error), `a node that is not connected has granted: ${inspect(error)}`);
    reason = error.votes[0]?.error;
    for (const shown of [
      inspect(node.lastError, { depth: Infinity, showHidden: true }),
      inspect(error),
    ]) {
      for (const secret of Object.values(credentials)) assert.ok(!shown.includes(secret), shown);
    }
    return reason !== undefined && isExpected(reason);
  });
  assert.ok(reason);
  assert.equal(await fixture.control.ask('EXISTS', resource, `${resource}:fencing`), 0);
  return reason;
}

function hasReason({ code }: ErrorData): boolean {
  return code !== 'NOT_CONNECTED';
}
