import { expect, test } from '@jest/globals';
import { Deployment, repeatedAfterStall, until } from 'test-kit';
import { launch } from './support/program.js';
import { loseAll, watchedRun } from './support/watched-run.js';
import { Witness } from './support/witness.js';

const BRIEF = '--ttl 4s';

test('a command that ends at SIGTERM has its time, and the exit code is 75 although its own is 0', async () => {
  await using run = await watchedRun(BRIEF, 'mortal');
  loseAll(run);
  const { code, stderr } = await run.program.ended;
  expect(code).toBe(75);
  expect(run.command.signals).toEqual(['SIGTERM']);
  expect(stderr).toMatch(/cannot extend the lock: sent SIGTERM/);
  expect(stderr).not.toMatch(/killed the command/);
});

test.each([[[]], [['mortal']]] as const)(
  'what a command has started is killed with it before the run ends, if the command is %j',
  async (manner) => {
    await using run = await watchedRun(BRIEF, ...manner);
    run.command.order('fork');
    const background = await run.witness.next();
    loseAll(run);
    expect((await run.program.ended).code).toBe(75);
    await Promise.all([run.command.died, background.died]);
    expect([run.command.signals, background.signals]).toEqual([['SIGTERM'], ['SIGTERM']]);
  },
);

test('nodes that come back in time cost the command nothing', async () => {
  await using run = await watchedRun('--ttl 12s --verbose');
  loseAll(run);
  await run.program.logs('nodes failed');
  await Promise.all(run.deployment.nodes.map(({ proxy }) => proxy.heal()));
  await run.program.logs('a quorum of nodes answers again');
  run.command.order('exit', 6);
  expect((await run.program.ended).code).toBe(6);
  expect(run.command.signals).toEqual([]);
});

test('a minority of nodes that is lost, or SIGTERM that the command ignores, costs it nothing', async () => {
  await using run = await watchedRun('--ttl 6s');
  run.deployment.node(0).proxy.blackHole();
  run.program.kill('SIGTERM');
  await run.command.got('SIGTERM');
  const begin = Date.now();
  await until('more than a ttl has passed', () => Date.now() > begin + 7000);
  run.command.order('exit', 6);
  expect((await run.program.ended).code).toBe(6);
  expect(run.command.signals).toEqual(['SIGTERM']);
});

test(
  '--kill-after sets the time between SIGTERM and SIGKILL',
  repeatedAfterStall(async () => {
    await using run = await watchedRun('--ttl 6s --kill-after 3s');
    loseAll(run);
    await run.command.got('SIGTERM');
    const begin = Date.now();
    const grace = (await run.command.died) - begin;
    expect(grace).toBeGreaterThan(2500);
    expect(grace).toBeLessThan(3500);
    expect((await run.program.ended).code).toBe(75);
  }),
);

test('a run that was stopped until its validity was over kills the command as soon as it goes on', async () => {
  await using run = await watchedRun(BRIEF);
  run.program.kill('SIGSTOP');
  await until('the lock has expired', () => run.deployment.isGone('job'));
  expect(run.command.isAlive).toBe(true);
  run.program.kill('SIGCONT');
  const { code, stderr } = await run.program.ended;
  expect(code).toBe(75);
  expect(stderr.match(/lost the lock/g)).toHaveLength(1);
  await run.command.died;
  expect(run.command.signals).toEqual([]);
});

test(
  'a run that was stopped, and continues while validity is left, extends the lock, and the command notices nothing',
  repeatedAfterStall(async () => {
    await using run = await watchedRun('--ttl 12s');
    const { probe } = run.deployment.node(0);
    run.program.kill('SIGSTOP');
    await until('SIGTERM is overdue', async () => (await probe.pttl('job')) < 3500);
    run.program.kill('SIGCONT');
    await until('the lock is extended', async () => (await probe.pttl('job')) > 6000);
    run.command.order('exit', 6);
    expect((await run.program.ended).code).toBe(6);
    expect(run.command.signals).toEqual([]);
  }),
);

test('a command that ends while its run is stopped and the lock expires was not under the lock: 75', async () => {
  await using run = await watchedRun(BRIEF);
  run.program.kill('SIGSTOP');
  await until('the lock has expired', () => run.deployment.isGone('job'));
  run.command.order('exit', 0);
  await run.command.died;
  run.program.kill('SIGCONT');
  expect((await run.program.ended).code).toBe(75);
});

test('if the run itself is killed, the command runs on and the lock expires', async () => {
  await using run = await watchedRun(BRIEF);
  run.program.kill('SIGKILL');
  await until('the lock has expired', () => run.deployment.isGone('job'));
  expect(run.command.isAlive).toBe(true);
  expect(run.command.signals).toEqual([]);
});

test('messages that nobody reads hold up neither the extensions nor the end of the command', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const script = 'head -c 1000000 /dev/zero >&2 & exec "$@"';
  const args = ['--verbose', 'job', '--', 'sh', '-c', script, 'sh', ...witness.command()];
  const program = launch(deployment, 'run', '--ttl', '4s', ...args);
  program.read(false);
  const command = await witness.next();
  loseAll({ deployment });
  await command.died;
  expect(command.signals).toEqual(['SIGTERM']);
  program.read(true);
  expect((await program.ended).code).toBe(75);
});
