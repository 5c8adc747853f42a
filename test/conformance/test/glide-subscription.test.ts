import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { deploy } from '../src/index.js';

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
  const server = await deployment.server();
  try {
    const args = ['--input-type=module', '-e', PROGRAM, server.host, String(server.port)];
    const { stdout, stderr } = await run(process.execPath, args, { cwd: HERE });
    expect(stdout + stderr).toBe('');
  } finally {
    await server.close();
  }
});
