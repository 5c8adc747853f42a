import { expect, test } from '@jest/globals';
import { Deployment, repeatedAfterStall, until } from 'testbed';
import { start } from './support/program.js';
import { loseAll } from './support/black-holes.js';
import { Witness } from './support/witness.js';

const BRIEF = ['--ttl', '4s'];

test('a command that ends at SIGTERM has its time, and the exit code is 75 although its own is 0', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const program = start(deployment, 'run', ...BRIEF, 'job', '--', ...witness.command('mortal'));
  const command = await witness.next();
  loseAll(deployment);
  const { code, stderr } = await program.ended;
  expect(code).toBe(75);
  expect(command.signals).toEqual(['SIGTERM']);
  expect(stderr).toMatch(/the lock cannot be extended: the command was sent SIGTERM/);
  expect(stderr).not.toMatch(/was killed/);
});

test('a command that ignores SIGTERM is killed, with all that it has started', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const program = start(deployment, 'run', ...BRIEF, 'job', '--', ...witness.command());
  const command = await witness.next();
  command.order('fork');
  const background = await witness.next();
  loseAll(deployment);
  expect((await program.ended).code).toBe(75);
  await Promise.all([command.died, background.died]);
  expect([command.signals, background.signals]).toEqual([['SIGTERM'], ['SIGTERM']]);
});

test('what a command leaves behind in its group when it ends at SIGTERM is killed before the run ends', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const program = start(deployment, 'run', ...BRIEF, 'job', '--', ...witness.command('mortal'));
  const command = await witness.next();
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
  await using witness = await Witness.start();
  const program = start(
    deployment,
    'run',
    '--ttl',
    '12s',
    '--verbose',
    'job',
    '--',
    ...witness.command(),
  );
  const command = await witness.next();
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
  await using witness = await Witness.start();
  const program = start(deployment, 'run', '--ttl', '6s', 'job', '--', ...witness.command());
  const command = await witness.next();
  deployment.node(0).proxy.blackHole();
  const begin = Date.now();
  await until('more than a ttl has passed', () => Date.now() > begin + 7000);
  command.order('exit', 6);
  expect((await program.ended).code).toBe(6);
  expect(command.signals).toEqual([]);
});

test('a lock that was taken away on the nodes is lost at once: the command is killed', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const program = start(deployment, 'run', '--ttl', '9s', 'job', '--', ...witness.command());
  const command = await witness.next();
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
    await using witness = await Witness.start();
    const args = ['--ttl', '6s', '--kill-after', '3s', 'job', '--', ...witness.command()];
    const program = start(deployment, 'run', ...args);
    const command = await witness.next();
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
  await using witness = await Witness.start();
  const program = start(deployment, 'run', ...BRIEF, 'job', '--', ...witness.command());
  const command = await witness.next();
  program.kill('SIGSTOP');
  await until('the lock has expired', () => deployment.isGone('job'));
  expect(command.isAlive).toBe(true);
  program.kill('SIGCONT');
  expect((await program.ended).code).toBe(75);
  await command.died;
  expect(command.signals).toEqual([]);
});

test('a command that ends while its run is stopped and the lock expires was not under the lock: 75', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const program = start(deployment, 'run', ...BRIEF, 'job', '--', ...witness.command());
  const command = await witness.next();
  program.kill('SIGSTOP');
  await until('the lock has expired', () => deployment.isGone('job'));
  command.order('exit', 0);
  await command.died;
  program.kill('SIGCONT');
  expect((await program.ended).code).toBe(75);
});

test('if the run itself is killed, the command runs on and the lock expires', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const program = start(deployment, 'run', ...BRIEF, 'job', '--', ...witness.command());
  const command = await witness.next();
  program.kill('SIGKILL');
  await until('the lock has expired', () => deployment.isGone('job'));
  expect(command.isAlive).toBe(true);
  expect(command.signals).toEqual([]);
});

test('messages that nobody reads hold up neither the extensions nor the end of the command', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const script = 'head -c 1000000 /dev/zero >&2 & exec "$@"';
  const args = ['--verbose', 'job', '--', 'sh', '-c', script, 'sh', ...witness.command()];
  const program = start(deployment, 'run', ...BRIEF, ...args);
  program.read(false);
  const command = await witness.next();
  loseAll(deployment);
  await command.died;
  expect(command.signals).toEqual(['SIGTERM']);
  program.read(true);
  expect((await program.ended).code).toBe(75);
});
