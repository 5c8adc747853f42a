import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { pace, startServers, until, type RedisServer } from 'test-kit';

const PROGRAM = fileURLToPath(new URL('../dist/main.js', import.meta.url));

let servers: RedisServer[] = [];
let instances: Instance[] = [];

beforeAll(async () => {
  servers = await startServers(5);
});

afterEach(async () => {
  await Promise.all(instances.map((instance) => instance.end()));
  instances = [];
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
});

/** One instance of the shop. */
class Instance {
  out = '';
  readonly #child: ChildProcessByStdio<null, Readable, null>;

  private constructor(env: NodeJS.ProcessEnv) {
    this.#child = spawn(process.execPath, [PROGRAM], {
      env: { ...process.env, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child.stdout.on('data', (data) => (this.out += String(data)));
  }

  static async start(env: NodeJS.ProcessEnv = {}): Promise<Instance> {
    const urls = servers.map(({ host, port }) => `redis://${host}:${port}`).join();
    const instance = new Instance({
      REDIS_URLS: urls,
      REDIS_TIMEOUT: String(pace.limit),
      ...env,
    });
    instances.push(instance);
    await until('it listens', () => instance.out.includes('listens at '));
    return instance;
  }

  get reports(): readonly string[] {
    return [...this.out.matchAll(/^makes report:(\d+)$/gm)].map(([, second = '']) => second);
  }

  async pay(order: string): Promise<{ status: number; body: unknown }> {
    const [, url = ''] = /listens at (\S+)/.exec(this.out) ?? [];
    const response = await fetch(`${url}/orders/${order}/payment`, { method: 'POST' });
    return { status: response.status, body: await response.json() };
  }

  terminate(): void {
    this.#child.kill('SIGTERM');
  }

  /** @returns the exit code, or the signal that ended it */
  async end(): Promise<number | NodeJS.Signals | null> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return exitCode ?? signalCode;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
    return this.#child.signalCode;
  }

  async exited(): Promise<unknown> {
    const { exitCode } = this.#child;
    return exitCode ?? (await once(this.#child, 'exit'))[0];
  }
}

test('an order is paid by one instance, and a click that reaches another is refused', async () => {
  const [one, two] = await Promise.all([Instance.start({ BANK_MS: '3000' }), Instance.start()]);
  const first = one.pay('7');
  await until('the first is under way', () => one.out.includes('order 7 is being paid'));
  expect(await two.pay('7')).toEqual({ status: 409, body: { busy: ['order:7'] } });
  expect((await two.pay('8')).status).toBe(201);
  expect(await first).toMatchObject({ status: 201, body: { paid: '7' } });
});

test('a scheduled report is made by one of two instances each time', async () => {
  const both = await Promise.all([Instance.start(), Instance.start()]);
  const reports = () => both.flatMap((instance) => instance.reports);
  await until('there are some', () => reports().length >= 4);
  expect(new Set(reports()).size).toBe(reports().length);
});

test('an instance that is told to stop answers first, and gives its locks back', async () => {
  const [one, two] = await Promise.all([Instance.start({ BANK_MS: '1000' }), Instance.start()]);
  const paying = one.pay('9');
  await until('it is under way', () => one.out.includes('order 9 is being paid'));
  one.terminate();
  expect((await paying).status).toBe(201);
  await one.exited();
  expect((await two.pay('9')).status).toBe(201);
});
