import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Deployment, until } from 'test-kit';
import { Program, variablesOf } from './support/program.js';

const LATE_CLOCK = new URL('support/late-clock.js', import.meta.url).href;

let deployment: Deployment;
let machines: Program[] = [];

beforeAll(async () => {
  deployment = await Deployment.start(5);
});

afterEach(async () => {
  await Promise.all(machines.map((machine) => machine[Symbol.asyncDispose]()));
  machines = [];
  await Promise.all(deployment.probes.map((probe) => probe.flushall()));
});

afterAll(async () => {
  await deployment[Symbol.asyncDispose]();
});

/** A machine of the fleet, with the job in its timetable. */
async function start(pattern: string, env: NodeJS.ProcessEnv = {}): Promise<Program> {
  const variables = { ...variablesOf(deployment.nodes.map(({ proxy }) => proxy)), ...env };
  const machine = new Program('nightly-job.js', variables, pattern);
  machines.push(machine);
  await machine.printed('next at');
  return machine;
}

/** A time that comes soon. */
function soon(): Date {
  return new Date(Date.now() + 8000);
}

/** The pattern of that time of each day. */
function daily(time = soon()): string {
  return `${time.getUTCSeconds()} ${time.getUTCMinutes()} ${time.getUTCHours()} * * *`;
}

function reports(): number {
  return machines.reduce((sum, machine) => sum + machine.count('makes the report'), 0);
}

test('one machine of the fleet makes the report, also when the clock of another is behind', async () => {
  const pattern = daily();
  const env = { WORK_MS: '100', WAIT_MS: '1000', KEEP_FOR_MS: '60000' };
  const late = { NODE_OPTIONS: `--import ${LATE_CLOCK}`, LATE_MS: '3000' };
  await Promise.all([
    start(pattern, env),
    start(pattern, env),
    start(pattern, { ...env, ...late }),
  ]);
  const [, , cairo] = machines;
  await cairo?.printed('another machine makes it, or has made it');
  expect(reports()).toBe(1);
});

test('the next night it is made again', async () => {
  const machine = await start('*/4 * * * * *', {
    WORK_MS: '10',
    WAIT_MS: '0',
    KEEP_FOR_MS: '1000',
  });
  await machine.printed('has made the report', 2);
});

test('when the machine that makes it dies, one that waits makes it', async () => {
  const pattern = daily();
  const [one, two] = await Promise.all([
    start(pattern, { WORK_MS: '60000' }),
    start(pattern, { WORK_MS: '60000' }),
  ]);
  await until('one makes the report', () => reports() > 0);
  const [dies, lives] = one.count('makes the report') ? [one, two] : [two, one];
  dies.kill('SIGKILL');
  await lives.printed('makes the report');
});

test('a report that fails is tried by one that waits', async () => {
  const pattern = daily();
  const [one, two] = await Promise.all([
    start(pattern, { WORK_MS: '60000' }),
    start(pattern, { WORK_MS: '60000' }),
  ]);
  await until('one makes the report', () => reports() > 0);
  const [fails, waits] = one.count('makes the report') ? [one, two] : [two, one];
  // Its job is stopped by the signal of its lock.
  await Promise.all(deployment.probes.map((probe) => probe.del('nightly-report')));
  await fails.printed('Lost the lock');
  await waits.printed('makes the report');
});

test('nodes that are away when it is time are waited for', async () => {
  const time = soon();
  const machine = await start(daily(time), { WORK_MS: '10', REDIS_TIMEOUT: '1000' });
  for (const { proxy } of deployment.nodes.slice(2)) proxy.refuse();
  await until('it is time, and a first attempt is over', () => Date.now() > time.getTime() + 2000);
  expect(reports()).toBe(0);
  await Promise.all(deployment.nodes.map(({ proxy }) => proxy.heal()));
  await machine.printed('has made the report');
});

test('a machine that is told to stop ends its report first, and stops waiting for that of another', async () => {
  const pattern = daily();
  const [one, two] = await Promise.all([
    start(pattern, { WORK_MS: '3000' }),
    start(pattern, { WORK_MS: '3000' }),
  ]);
  await until('one makes the report', () => reports() > 0);
  for (const machine of machines) machine.kill('SIGTERM');
  expect(await Promise.all([one.ended(), two.ended()])).toEqual([0, 0]);
  expect(reports()).toBe(1);
  expect(one.count('has made the report') + two.count('has made the report')).toBe(1);
});
