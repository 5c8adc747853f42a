import assert from 'node:assert/strict';
import { evaluate } from '../ask.js';
import type { CaseScript } from '../conformance.js';
import { texts } from '../texts.js';

const TTL = 60_000;

/** One command and one reply. */
export const commandCases: readonly CaseScript[] = [
  {
    name: 'commands are written in the order in which they are given',
    needs: ['server'],
    async check(fixture) {
      const node = await fixture.node();
      const list = fixture.resource();
      const given = Array.from({ length: 500 }, (_, index) => String(index));
      const push = 'return redis.call("rpush", KEYS[1], ARGV[1])';
      await Promise.all(given.map((word) => evaluate(node, push, list, word)));
      assert.deepEqual(await fixture.control.ask('LRANGE', list, '0', '-1'), given);
    },
  },
  {
    name: 'integers, texts, nothing and lists are resolved as they are',
    needs: ['server'],
    async check(fixture) {
      const node = await fixture.node();
      const script = 'return {1, -2, 4503599627370497, "text", "", false, {"list", {3}}, {}}';
      const reply = withNumbers(await evaluate(node, script, fixture.resource()));
      const expected = [1, -2, 2 ** 52 + 1, 'text', '', null, ['list', [3]], []];
      // Arrays that native code makes may belong to another realm, and would then be unequal to ours.
      assert.equal(JSON.stringify(reply), JSON.stringify(expected));
    },
  },
  {
    name: 'an error reply is rejected with, its code first',
    needs: ['server'],
    async check(fixture) {
      const node = await fixture.node();
      const unknown = node.call(['EVALSHA', 'f'.repeat(40), '1', fixture.resource()]);
      await assert.rejects(unknown, { message: /^NOSCRIPT / });
      for (const code of ['ERR', 'NOPERM', 'OOM', 'READONLY', 'WRONGTYPE', 'MISCONF', 'OWN']) {
        const fail = `return redis.error_reply("${code} said: so")`;
        await assert.rejects(evaluate(node, fail, fixture.resource()), {
          message: new RegExp(`^${code} said: so`),
        });
      }
      assert.equal(Number(await evaluate(node, 'return 1', fixture.resource())), 1);
    },
  },
  {
    name: 'keys and arguments arrive byte by byte',
    needs: ['server'],
    async check(fixture) {
      const node = await fixture.node();
      for (const text of texts) {
        const key = fixture.resource(text);
        const echo = 'redis.call("set", KEYS[1], ARGV[1]) return {ARGV[1], #ARGV[1]}';
        const [reply, length] = (await evaluate(node, echo, key, text)) as [string, unknown];
        assert.equal(reply, text);
        assert.equal(Number(length), Buffer.byteLength(text));
        assert.equal(await fixture.control.ask('GET', key), text);
      }
    },
  },
  {
    name: 'a server that has forgotten its scripts is given them again',
    needs: ['server'],
    async check(fixture) {
      const redlock = fixture.redlock(await fixture.node());
      const resource = fixture.resource();
      const flush = (): Promise<unknown> => fixture.control.ask('SCRIPT', 'FLUSH');
      await (await redlock.acquire(fixture.resource(), TTL, { wait: 0 })).release();
      await flush();
      const lock = await redlock.acquire(resource, TTL, { wait: 0 });
      await flush();
      await lock.extend();
      await flush();
      assert.equal(await lock.release(), true);
      assert.equal(await fixture.control.ask('EXISTS', resource), 0);
    },
  },
];

/** Turns decimal strings into integers, because clients may return either. */
function withNumbers(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.map(withNumbers);
  return typeof reply === 'string' && /^-?\d+$/.test(reply) ? Number(reply) : reply;
}
