import { afterEach, expect, test } from '@jest/globals';
import { FaultProxy } from '../src/index.js';
import { freePort, giveBackPort } from '../src/free-port.js';

const given: number[] = [];

async function ask(pick?: () => number): Promise<number> {
  const port = await freePort(pick);
  given.push(port);
  return port;
}

afterEach(() => {
  for (const port of given.splice(0)) giveBackPort(port);
});

test('a port is given to nobody else until it is given back', async () => {
  const first = await ask();
  const other = await ask();
  giveBackPort(other);
  const picks = [first, other];
  expect(await ask(() => picks.shift() ?? other)).toBe(other);
  giveBackPort(first);
  expect(await ask(() => first)).toBe(first);
});

test('a proxy that refuses keeps its port', async () => {
  const proxy = await FaultProxy.start({ host: '127.0.0.1', port: 1 });
  const other = await ask();
  giveBackPort(other);
  proxy.refuse();
  const picks = [proxy.port, other];
  expect(await ask(() => picks.shift() ?? other)).toBe(other);
  await proxy.heal();
  await proxy.close();
  expect(await ask(() => proxy.port)).toBe(proxy.port);
});
