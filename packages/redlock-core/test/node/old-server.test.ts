import { expect, test } from '@jest/globals';
import type { Command } from '../support/command.js';
import { settle } from '../support/settle.js';
import { TTL, world } from '../support/world.js';

const PLAIN = { fencing: false, wait: 0 } as const;
const SYNTAX = new Error('ERR syntax error');

/** Servers before Redis 7.0 do not know SET with NX and GET, as which a lone grant without fencing is sent. */
function answerAsOld(command: Command): void {
  if (command.args[0] === 'set') command.fail(SYNTAX);
  else command.reply();
}

test('servers before Redis 7.0 grant locks without fencing, by a second command once a connection', async () => {
  const { redlock, nodes, holders, a } = world();
  for (const node of nodes) node.mode = answerAsOld;
  for (const key of ['r', 's', 't']) {
    if (key === 't') a.connected();
    const lock = await redlock.acquire(key, TTL, PLAIN);
    await settle();
    expect(await holders(key)).toEqual([lock.token, lock.token, lock.token]);
  }
  expect(a.commands.map(({ args }) => args[0])).toEqual(['set', 'eval', 'evalsha', 'set', 'eval']);
});

test('an attempt that is decided sends no second command to a server before Redis 7.0', async () => {
  const { redlock, c } = world();
  c.mode = 'hold';
  await redlock.acquire('r', TTL, PLAIN);
  c.commands[0]?.fail(SYNTAX);
  await settle();
  expect(c.acquires).toBe(1);
  expect(await c.server.holderOf('r')).toBeNull();
});

test('errors: a reply that SET does not give fails the vote', async () => {
  const { redlock, nodes } = world();
  for (const node of nodes) node.mode = (command) => command.replyWith(7);
  const error = await redlock.acquire('r', TTL, PLAIN).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ votes: [{ error: { code: 'UNEXPECTED_REPLY' } }, {}] });
});
