import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { pace, startServers, type RedisServer } from 'test-kit';

interface Run {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

let servers: RedisServer[] = [];

beforeAll(async () => {
  servers = await startServers(5);
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
});

test('a repeated submission is refused, and one that failed may be repeated', async () => {
  const { status, out, err } = await runExample('repeated-submission');
  expect(err).toBe('');
  expect(out).toContain('an expired card: 402\n');
  expect(out).toContain('three clicks at once on a valid card: 201, 409, 409\n');
  expect(out).toContain('a click that arrives after the payment: 409\n');
  expect(out).toContain('charged once\n');
  expect(status).toBe(0);
});

test('users of a limited resource wait for their turn, or hear that it is busy', async () => {
  const { status, out, err } = await runExample('limited-resource');
  expect(err).toBe('');
  expect(out.match(/^.*: printed$/gm)).toHaveLength(4);
  expect(out).toContain('advert of till 2: the printer is busy');
  expect(out).toContain('four jobs printed, one after another\n');
  expect(status).toBe(0);
});

test('a cache that many read is rebuilt by one, and nobody reads half of it', async () => {
  const { status, out, err } = await runExample('rebuilt-cache');
  expect(err).toBe('');
  expect(out).toContain('version 2 is built\nversion 3 is built\n');
  expect(out).toMatch(/^up to \d+ read at once, .*each of them whole$/m);
  expect(status).toBe(0);
});

test('machines share the seats of a licence server, and never want more than there are', async () => {
  const { status, out, err } = await runExample('licence-server');
  expect(err).toBe('');
  expect(out.match(/^seat [012]: .* begins$/gm)).toHaveLength(8);
  expect(out).toMatch(/^8 files converted, [123] at the same time$/m);
  expect(status).toBe(0);
});

test('a long job stops between two steps when its lock is lost, and another goes on', async () => {
  const { status, out, err } = await runExample('long-job');
  expect(err).toBe('');
  const [, last] = /^worker 1: stops after step (\d+), TAKEN$/m.exec(out) ?? [];
  expect(out).toContain(`worker 1: step ${last} of 10\n`);
  expect(out).not.toContain(`worker 1: step ${Number(last) + 1} of 10\n`);
  expect(out).toContain(`worker 2: step ${Number(last) + 1} of 10\n`);
  expect(out).toContain('steps done: 1 2 3 4 5 6 7 8 9 10\n');
  expect(status).toBe(0);
});

test('the table refuses an earlier holder as soon as a later one has read', async () => {
  const { status, out, err } = await runExample('recipes/drizzle');
  expect(err).toBe('');
  expect(out).toContain(
    "writer 2: reads 'draft'\nwriter 1: runs again and writes 'paid': refused\n",
  );
  expect(out).toContain("writer 2: writes 'checked': written\n");
  expect(out).toContain("writer 2: writes 'cancelled': written\nthe invoice: cancelled\n");
  expect(status).toBe(0);
});

test('the late write of a paused holder is refused by the table', async () => {
  const { status, out, err } = await runExample('fenced-writer');
  expect(err).toBe('');
  const [, newer] = /^writer 2: .* token (\d+): written$/m.exec(out) ?? [];
  const [, older] = /^writer 1: .* token (\d+): refused$/m.exec(out) ?? [];
  expect(Number(older)).toBeLessThan(Number(newer));
  expect(out).toContain("the invoice: [ { state: 'cancelled' } ]\n");
  expect(status).toBe(0);
});

test('a scheduler moves when its leader dies, and when it is told to stop', async () => {
  const { status, out, err } = await runExample('moving-scheduler');
  expect(err).toBe('');
  const [, dead] = /^(\w+) gets SIGKILL$/m.exec(out) ?? [];
  const [, stopped] = /^(\w+) gets SIGTERM$/m.exec(out) ?? [];
  expect(out).toContain(`${dead} leads\n`);
  expect(out).not.toContain(`${dead}: has ended\n`);
  expect(stopped).not.toBe(dead);
  expect(out).toContain(`${stopped}: has ended\n`);
  const terms = [...out.matchAll(/^\w+: schedules, in term (\d+)$/gm)].map(([, term]) =>
    Number(term),
  );
  expect(terms.length).toBeGreaterThanOrEqual(3);
  expect(terms).toEqual(terms.toSorted((a, b) => a - b));
  expect(status).toBe(0);
});

test('a worker that is told to stop ends its step, and gives its lock back', async () => {
  const child = startExample('graceful-shutdown');
  const ended = once(child, 'close');
  const printed = createInterface({ input: child.stdout });
  const lines: string[] = [];
  for await (const line of printed) {
    lines.push(line);
    if (line === 'letter 2') child.kill('SIGTERM');
  }
  expect(lines.at(-1)).toMatch(/^stops before letter \d+$/);
  expect(lines).not.toContain('letter 50');
  expect(await ended).toEqual([0, null]);
  for (const server of servers) {
    const client = new Redis(server.port, server.host);
    expect(await client.keys('mailing:*')).toEqual([]);
    client.disconnect();
  }
});

test('spans tell how long two orders waited for one lock, and what they did under it', async () => {
  const { status, out, err } = await runExample('traced-order');
  expect(err).toBe('');
  const traces = out.match(/^order of .*(\n {2}.*)*/gm) ?? [];
  expect(traces).toHaveLength(2);
  for (const trace of traces) {
    expect(trace.split('\n').map((line) => line.replace(/\d+ ms/, 'ms'))).toEqual([
      expect.stringMatching(/^order of (ada|ben): ms$/),
      '  redlock using: ms, released',
      '    redlock acquire: ms, granted',
      '    sell: ms',
      '    redlock release: ms, released',
    ]);
  }
  expect(out).toContain('one of two orders got the last item\n');
  expect(out).toMatch(/^redlock\.lock\.wait_time \{"redlock\.group":"article",.*\}: 2 times/m);
  expect(out).toMatch(/^redlock\.lock\.held .*: 0$/m);
  expect(status).toBe(0);
});

test('without nodes an example fails, says why, and exits by itself', async () => {
  // A port on which nothing can listen.
  const nowhere = { REDIS_URLS: 'redis://127.0.0.1:1', REDIS_TIMEOUT: String(pace.hasty) };
  const { status, err } = await runExample('repeated-submission', nowhere);
  expect(err).toContain('QUORUM_UNAVAILABLE');
  expect(status).toBe(1);
});

/** What REDIS_URLS and the rest say where an example shall be patient with the servers. */
function patience(): NodeJS.ProcessEnv {
  return { REDIS_URLS: urlsOf(servers), REDIS_TIMEOUT: String(pace.patient) };
}

/** A built example, with its output piped. */
function runExample(name: string, variables = patience()): Promise<Run> {
  const env = { ...process.env, ...variables };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [pathOf(name)], { env }, (_, out, err) => {
      resolve({ status: child.exitCode ?? -1, out, err });
    });
  });
}

/** The same, under way. */
function startExample(name: string): ChildProcessByStdio<null, Readable, null> {
  const env = { ...process.env, ...patience() };
  return spawn(process.execPath, [pathOf(name)], { env, stdio: ['ignore', 'pipe', 'inherit'] });
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../dist/${name}.js`, import.meta.url));
}

function urlsOf(nodes: readonly RedisServer[]): string {
  return nodes.map(({ host, port }) => `redis://${host}:${port}`).join();
}
