import { expect, test } from '@jest/globals';
import { Redlock } from 'redlock-core';
import { Deployment, isReady, type Major, pace } from 'test-kit';
import { ioredisNode } from '../../src/index.js';

const TTL = 60_000;

/** What a caller's client is left with. */
export function testClient(major: Major): void {
  test.each(['call', 'sendCommand'])(
    'a tracer that wraps %s of a client sees every command, and no rejection is left unhandled',
    async (method) => {
      await using deployment = await Deployment.start(1);
      const client = deployment.client(major, 0);
      await isReady(client);
      const seen: string[] = [];
      const wrapped = Reflect.get(client, method) as (...args: unknown[]) => unknown;
      Reflect.set(client, method, async (...args: unknown[]) => {
        // sendCommand is given a command that has its arguments.
        const [first] = args as [{ readonly args?: unknown }];
        seen.push(JSON.stringify(first.args ?? args));
        return await wrapped.apply(client, args);
      });
      await using redlock = new Redlock([ioredisNode(client)], { nodeTimeout: pace.patient });
      await (await redlock.acquire('wrapped', TTL)).release();
      // The server rejects the next commands first, because it does not know their scripts.
      await deployment.probes[0]?.script('FLUSH');
      const lock = await redlock.acquire('wrapped', TTL);
      await lock.release();
      for (const part of ['wrapped', lock.token]) {
        expect(seen.at(-1)).toContain(part);
      }
    },
  );

  test("the node's own timeout wins over nodeTimeout", async () => {
    await using deployment = await Deployment.start(1);
    const client = deployment.client(major, 0);
    await isReady(client);
    const node = ioredisNode(client, { timeout: pace.patient });
    await using redlock = new Redlock([node], { nodeTimeout: 20 });
    deployment.node(0).proxy.delay(100);
    const lock = await redlock.acquire('patient', TTL, { wait: 0 });
    expect(await lock.release()).toBe(true);
  });

  test("close leaves the caller's clients open", async () => {
    await using deployment = await Deployment.start(1);
    const client = deployment.client(major, 0);
    await isReady(client);
    const redlock = new Redlock([ioredisNode(client)], { nodeTimeout: pace.patient });
    const lock = await redlock.acquire('open', TTL);
    await redlock.close();
    expect(client.status).toBe('ready');
    expect(await client.get('open')).toBe(lock.token);
  });
}
