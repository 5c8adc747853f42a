import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { pace, startServers, type RedisServer } from 'test-kit';
import { Program, variablesOf } from './support/program.js';

let servers: RedisServer[] = [];

beforeAll(async () => {
  servers = await startServers(5);
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
});

/** Runs a built example to its end, which must be a good one. @returns what it has printed */
async function outputOf(name: string): Promise<string> {
  await using program = new Program(`${name}.js`, variablesOf(servers));
  expect(await program.ended()).toBe(0);
  expect(program.errors).toBe('');
  return program.out;
}

test.each<[what: string, name: string, ...printed: (string | RegExp)[]]>([
  [
    'a repeated submission is refused, and one that failed may be repeated',
    'repeated-submission',
    'an expired card: 402\n',
    'three clicks at once on a valid card: 201, 409, 409\n',
    'a click that arrives after the payment: 409\n',
    'charged once\n',
  ],
  [
    'users of a limited resource wait for their turn, or are refused because it is busy',
    'limited-resource',
    /^.*: printed$/m,
    'advert of till 2: the printer is busy',
    'four jobs printed, one after another\n',
  ],
  [
    'a cache that many read is rebuilt by one, and no reader sees half of it',
    'rebuilt-cache',
    'version 2 is built\nversion 3 is built\n',
    /^up to \d+ read at once, .*each of them whole$/m,
  ],
  [
    'machines share the seats of a license server, and never use more than there are',
    'licence-server',
    /^seat [012]: .* begins$/m,
    /^8 files converted, [123] at the same time$/m,
  ],
  [
    'a table refuses an earlier holder as soon as a later one has read',
    'recipes/drizzle',
    "writer 2: reads 'draft'\nwriter 1: runs again and writes 'paid': refused\n",
    "writer 2: writes 'checked': written\n",
    "writer 2: writes 'cancelled': written\nthe invoice: cancelled\n",
  ],
])('%s', async (_what, name, ...printed) => {
  const out = await outputOf(name);
  for (const text of printed) expect(out).toEqual(expect.stringMatching(escaped(text)));
});

function escaped(text: string | RegExp): RegExp {
  return text instanceof RegExp ? text : new RegExp(text.replaceAll(/[.()[\]{}|*+?$^]/g, '\\$&'));
}

test('a long job stops between two steps when its lock is lost, and another goes on', async () => {
  const out = await outputOf('long-job');
  const [, last] = /^worker 1: stops after step (\d+), NOT_HELD$/m.exec(out) ?? [];
  expect(out).toContain(`worker 1: step ${last} of 10\n`);
  expect(out).not.toContain(`worker 1: step ${Number(last) + 1} of 10\n`);
  expect(out).toContain(`worker 2: step ${Number(last) + 1} of 10\n`);
  expect(out).toContain('steps done: 1 2 3 4 5 6 7 8 9 10\n');
});

test('the late write of a paused holder is refused by the table', async () => {
  const out = await outputOf('fenced-writer');
  const [, newer] = /^writer 2: .* token (\d+): written$/m.exec(out) ?? [];
  const [, older] = /^writer 1: .* token (\d+): refused$/m.exec(out) ?? [];
  expect(Number(older)).toBeLessThan(Number(newer));
  expect(out).toContain("the invoice: [ { state: 'cancelled' } ]\n");
});

test('a scheduler moves when its leader dies, and when it is terminated', async () => {
  const out = await outputOf('moving-scheduler');
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
});

test('a worker that is terminated ends its step, and releases its lock', async () => {
  await using worker = new Program('graceful-shutdown.js', variablesOf(servers));
  await worker.printed('letter 2\n');
  worker.kill('SIGTERM');
  expect(await worker.ended()).toBe(0);
  expect(worker.out).toMatch(/^stops before letter \d+\n$/m);
  expect(worker.out).not.toContain('letter 50');
  for (const server of servers) {
    const client = new Redis(server.port, server.host);
    expect(await client.keys('mailing:*')).toEqual([]);
    client.disconnect();
  }
});

test('spans show how long two orders waited for one lock, and what they did under it', async () => {
  const out = await outputOf('traced-order');
  const traces = out.match(/^order of .*(\n {2}.*)*/gm) ?? [];
  expect(traces).toHaveLength(2);
  for (const trace of traces) {
    expect(trace.split('\n').map((line) => line.replace(/\d+ ms/, 'ms'))).toEqual([
      expect.stringMatching(/^order of (ada|ben): ms$/),
      '  redlock using: ms, released',
      '    redlock acquire: ms, acquired',
      '    sell: ms',
      '    redlock release: ms, released',
    ]);
  }
  expect(out).toContain('one of two orders got the last item\n');
  expect(out).toMatch(/^redlock\.lock\.wait_time \{"redlock\.group":"article",.*\}: 2 times/m);
  expect(out).toMatch(/^redlock\.lock\.held .*: 0$/m);
});

test('without nodes an example fails with the cause, and exits', async () => {
  // A port on which nothing can listen.
  const nowhere = { REDLOCK_NODES: 'redis://127.0.0.1:1', REDIS_TIMEOUT: String(pace.hasty) };
  await using program = new Program('repeated-submission.js', nowhere);
  expect(await program.ended()).toBe(1);
  expect(program.errors).toContain('QUORUM_UNAVAILABLE');
});
