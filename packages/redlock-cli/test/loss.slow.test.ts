import { expect, test } from '@jest/globals';
import { Deployment, repeatedAfterStall, until } from 'test-kit';
import { launch } from './support/program.js';
import { loseAll } from './support/black-holes.js';
import { startWatched } from './support/watched-run.js';
import { Witness } from './support/witness.js';

const BRIEF = ['--ttl', '4s'];

test('a command that ends at SIGTERM has its time, and the exit code is 75 although its own is 0', async () => {
  await using deployment = await Deployment.start(3);
  const { program, command } = await startWatched(deployment, BRIEF, 'mortal');
  loseAll(deployment);
  const { code, stderr } = await program.ended;
  expect(code).toBe(75);
  expect(command.signals).toEqual(['SIGTERM']);
  expect(stderr).toMatch(/the lock cannot be extended: the command was sent SIGTERM/);
  expect(stderr).not.toMatch(/was killed/);
});

test('a command that ignores SIGTERM is killed, with all that it has started', async () => {
  await using deployment = await Deployment.start(3);
  const { program, witness, command } = await startWatched(deployment, BRIEF);
  command.order('fork');
  const background = await witness.next();
  loseAll(deployment);
  expect((await program.ended).code).toBe(75);
  await Promise.all([command.died, background.died]);
  expect([command.signals, background.signals]).toEqual([['SIGTERM'], ['SIGTERM']]);
});

test('what a command leaves behind in its group when it ends at SIGTERM is killed before the run ends', async () => {
  await using deployment = await Deployment.start(3);
  const { program, witness, command } = await startWatched(deployment, BRIEF, 'mortal');
  command.order('fork');
  const background = await witness.next();
  loseAll(deployment);
  await command.died;
  await background.got('SIGTERM');
  expect((await program.ended).code).toBe(75);
  await background.died;
});

test('nodes that come back in time cost the command nothing', async () => {
  await using deployment = await Deployment.start(3);
  const { program, command } = await startWatched(deployment, ['--ttl', '12s', '--verbose']);
  loseAll(deployment);
  await program.tells('nodes are away');
  await Promise.all(deployment.nodes.map(({ proxy }) => proxy.heal()));
  await program.tells('enough nodes answer again');
  command.order('exit', 6);
  expect((await program.ended).code).toBe(6);
  expect(command.signals).toEqual([]);
});

test('a minority of nodes that is lost costs the command nothing', async () => {
  await using deployment = await Deployment.start(3);
  const { program, command } = await startWatched(deployment, ['--ttl', '6s']);
  deployment.node(0).proxy.blackHole();
  const begin = Date.now();
  await until('more than a ttl has passed', () => Date.now() > begin + 7000);
  command.order('exit', 6);
  expect((await program.ended).code).toBe(6);
  expect(command.signals).toEqual([]);
});

test('a lock that was taken away on the nodes is lost at once: the command is killed', async () => {
  await using deployment = await Deployment.start(3);
  const { program, command } = await startWatched(deployment, ['--ttl', '9s']);
  for (const probe of deployment.probes) await probe.set('job', 'thief', 'PX', 60_000);
  expect((await program.ended).code).toBe(75);
  await command.died;
  expect(command.signals).toEqual([]);
  expect(await deployment.values('job')).toEqual(['thief', 'thief', 'thief']);
});

test(
  '--kill-after sets the time between SIGTERM and SIGKILL',
  repeatedAfterStall(async () => {
    await using deployment = await Deployment.start(3);
    const { program, command } = await startWatched(deployment, [
      '--ttl',
      '6s',
      '--kill-after',
      '3s',
    ]);
    loseAll(deployment);
    await command.got('SIGTERM');
    const begin = Date.now();
    const grace = (await command.died) - begin;
    expect(grace).toBeGreaterThan(2500);
    expect(grace).toBeLessThan(3500);
    expect((await program.ended).code).toBe(75);
  }),
);

test('a run that was stopped until its validity was over kills the command as soon as it goes on', async () => {
  await using deployment = await Deployment.start(3);
  const { program, command } = await startWatched(deployment, BRIEF);
  program.kill('SIGSTOP');
  await until('the lock has expired', () => deployment.isGone('job'));
  expect(command.isAlive).toBe(true);
  program.kill('SIGCONT');
  const { code, stderr } = await program.ended;
  expect(code).toBe(75);
  expect(stderr.match(/the lock is lost/g)).toHaveLength(1);
  await command.died;
  expect(command.signals).toEqual([]);
});

test(
  'a run that was stopped, and continues while validity is left, extends the lock, and the command notices nothing',
  repeatedAfterStall(async () => {
    await using deployment = await Deployment.start(3);
    const { program, command } = await startWatched(deployment, ['--ttl', '12s']);
    const { probe } = deployment.node(0);
    program.kill('SIGSTOP');
    await until('SIGTERM is overdue', async () => (await probe.pttl('job')) < 3500);
    program.kill('SIGCONT');
    await until('the lock is extended', async () => (await probe.pttl('job')) > 6000);
    command.order('exit', 6);
    expect((await program.ended).code).toBe(6);
    expect(command.signals).toEqual([]);
  }),
);

test('a command that ends while its run is stopped and the lock expires was not under the lock: 75', async () => {
  await using deployment = await Deployment.start(3);
  const { program, command } = await startWatched(deployment, BRIEF);
  program.kill('SIGSTOP');
  await until('the lock has expired', () => deployment.isGone('job'));
  command.order('exit', 0);
  await command.died;
  program.kill('SIGCONT');
  expect((await program.ended).code).toBe(75);
});

test('if the run itself is killed, the command runs on and the lock expires', async () => {
  await using deployment = await Deployment.start(3);
  const { program, command } = await startWatched(deployment, BRIEF);
  program.kill('SIGKILL');
  await until('the lock has expired', () => deployment.isGone('job'));
  expect(command.isAlive).toBe(true);
  expect(command.signals).toEqual([]);
});

test('a mistake of the run itself ends the command, because nobody would extend the lock: 70, in one line', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const mistake = "process.on('SIGUSR2', () => { throw new Error('planted'); })";
  const { NODE_OPTIONS: before = '' } = process.env;
  process.env['NODE_OPTIONS'] = `--import=data:text/javascript,${encodeURIComponent(mistake)}`;
  const command = ['env', '-u', 'NODE_OPTIONS', ...witness.command()];
  const program = launch(deployment, 'run', ...BRIEF, 'job', '--', ...command);
  process.env['NODE_OPTIONS'] = before;
  const running = await witness.next();
  program.kill('SIGUSR2');
  await running.died;
  expect(await program.ended).toMatchObject({ code: 70, stderr: 'redlock: planted\n' });
});

test('messages that nobody reads hold up neither the extensions nor the end of the command', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const script = 'head -c 1000000 /dev/zero >&2 & exec "$@"';
  const args = ['--verbose', 'job', '--', 'sh', '-c', script, 'sh', ...witness.command()];
  const program = launch(deployment, 'run', ...BRIEF, ...args);
  program.read(false);
  const command = await witness.next();
  loseAll(deployment);
  await command.died;
  expect(command.signals).toEqual(['SIGTERM']);
  program.read(true);
  expect((await program.ended).code).toBe(75);
});
