import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { serveDirectory } from '../src/static-server.js';

test('a path that cannot be decoded is answered with 400, and the server goes on', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'redlock-site-'));
  const server = await serveDirectory(directory);
  try {
    await writeFile(join(directory, 'index.html'), 'home');
    expect((await fetch(`${server.origin}/%`)).status).toBe(400);
    expect((await fetch(`${server.origin}/missing`)).status).toBe(404);
    expect(await (await fetch(`${server.origin}/`)).text()).toBe('home');
  } finally {
    await server.close();
    await rm(directory, { recursive: true });
  }
});
