import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Queue } from 'bullmq';
import { type RedisServer, startServer, startServers, until } from 'test-kit';
import { Program, variablesOf, withMostAway } from '../support/program.js';

let servers: RedisServer[] = [];
let broker: RedisServer;
let queue: Queue;

beforeAll(async () => {
  [servers, broker] = await Promise.all([startServers(5), startServer()]);
  queue = new Queue('imports', { connection: { host: broker.host, port: broker.port } });
});

afterEach(async () => {
  await queue.obliterate({ force: true });
});

afterAll(async () => {
  await queue.close();
  await Promise.all([...servers, broker].map((server) => server.close()));
});

function run(env: NodeJS.ProcessEnv, ...args: readonly string[]): Program {
  const url = `redis://${broker.host}:${broker.port}`;
  return new Program(
    'recipes/bullmq.js',
    { ...variablesOf(servers), QUEUE_URL: url, ...env },
    ...args,
  );
}

async function startWorker(env: NodeJS.ProcessEnv = {}): Promise<Program> {
  const worker = run(env);
  await worker.printed('works');
  return worker;
}

/** All jobs about one shop. */
async function add(...shops: readonly string[]): Promise<void> {
  await using program = run({}, 'add', ...shops);
  expect(await program.ended()).toBe(0);
}

/** The fencing tokens of lines like these. */
function tokens(out: string, state: 'begins' | 'done'): number[] {
  const lines = out.matchAll(new RegExp(`${state} with fencing token (\\d+)`, 'g'));
  return [...lines].map(([, token]) => Number(token));
}

test('a job about a shop that is busy is delayed, and done later, without an attempt lost', async () => {
  await using one = await startWorker();
  await using two = await startWorker();
  await add('7', '7');
  await until('both are done', async () => (await queue.getCompletedCount()) === 2);
  expect(one.count('locked, job') + two.count('locked, job')).toBeGreaterThan(0);
  expect(tokens(one.out + two.out, 'done')).toHaveLength(2);
  for (const job of await queue.getCompleted()) expect(job.attemptsMade).toBe(1);
});

test('a worker that waits for a shop does jobs about others meanwhile', async () => {
  await using one = await startWorker({ WORK_MS: '60000' });
  await add('7');
  await one.printed('shop 7: begins');
  await using two = await startWorker({ WORK_MS: '100' });
  await add('7', '8');
  await two.printed('shop 7: locked');
  await two.printed('shop 8: done');
  expect(two.count('shop 7: begins')).toBe(0);
});

test('the job of a worker that has died is done by another, with a higher fencing token', async () => {
  const env = { STALLED_MS: '5000' };
  await using one = await startWorker({ ...env, WORK_MS: '60000' });
  await add('7');
  await one.printed('shop 7: begins');
  one.kill('SIGKILL');
  await using two = await startWorker({ ...env, WORK_MS: '100' });
  await two.printed('shop 7: done');
  const [before = NaN] = tokens(one.out, 'begins');
  const [after = NaN] = tokens(two.out, 'done');
  expect(after).toBeGreaterThan(before);
});

test('with most nodes away, the attempt fails and is made again', async () => {
  await using worker = await startWorker(withMostAway(servers));
  await add('7');
  await worker.printed('failed: ', 3);
  const [job] = await queue.getFailed();
  expect(job?.attemptsMade).toBe(3);
  expect(worker.count('begins')).toBe(0);
});

test('a worker that is told to stop ends its job first', async () => {
  await using worker = await startWorker();
  await add('7');
  await worker.printed('shop 7: begins');
  worker.kill('SIGTERM');
  expect(await worker.ended()).toBe(0);
  expect(worker.count('shop 7: done')).toBe(1);
});
