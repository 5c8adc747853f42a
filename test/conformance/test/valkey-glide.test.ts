import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { deploy, subjectOf } from '../src/index.js';
import { isAboutReconnection, runCases, takesLong } from './support/run-cases.js';

// GLIDE reconnects after long pauses, so standalone.slow.test.ts runs those cases.
runCases('standalone', ['GLIDE 2'], (name) => !takesLong(name) && !isAboutReconnection(name));

const run = promisify(execFile);
const HERE = fileURLToPath(new URL('.', import.meta.url));

/** Ends a node's only subscription, and with it the subscriber's client, and then waits for its connection to end. */
const PROGRAM = `
import { setTimeout as sleep } from 'node:timers/promises';
import { GlideClient } from '@valkey/valkey-glide';
import { valkeyGlideNode } from 'redlock-valkey-glide-adapter';

const [host, port] = process.argv.slice(1);
const client = await GlideClient.createClient({ addresses: [{ host, port: Number(port) }] });
const node = valkeyGlideNode(client);
const unsubscribe = await new Promise((resolve) => {
  const end = node.subscribe('news', () => resolve(end));
});
unsubscribe();
while ((await node.call(['CLIENT', 'LIST', 'TYPE', 'pubsub'])) !== '') await sleep(50);
client.close();
`;

test('GLIDE prints nothing when a subscription has ended', async () => {
  await using deployment = await deploy('standalone');
  const { host, port } = await deployment.server();
  const args = ['--input-type=module', '-e', PROGRAM, host, String(port)];
  const { stdout, stderr } = await run(process.execPath, args, { cwd: HERE });
  expect(stdout + stderr).toBe('');
});

test('commands of several nodes of one GLIDE client are written in order', async () => {
  await using deployment = await deploy('standalone');
  const client = await subjectOf('GLIDE 2').open('standalone', await deployment.server(), []);
  try {
    const nodes = Array.from({ length: 12 }, () => client.node());
    const push = 'return redis.call("rpush", KEYS[1], ARGV[1])';
    const words = Array.from({ length: 200 }, (_, index) => String(index));
    await Promise.all(
      words.flatMap((word) =>
        nodes.map((node, list) => node.call(['EVAL', push, '1', `list:${list}`, word])),
      ),
    );
    for (const [list, node] of nodes.entries()) {
      const order = (await node.call(['LRANGE', `list:${list}`, '0', '-1'])) as readonly string[];
      expect([...order]).toEqual(words);
    }
  } finally {
    client.close();
  }
});
