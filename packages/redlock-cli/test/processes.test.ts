import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Deployment, until } from 'test-kit';
import { launch } from './support/program.js';
import { watchedRun } from './support/watched-run.js';
import { Witness } from './support/witness.js';

const LASTING = ['--ttl', '60s'];

test('stdin reaches the command byte by byte', async () => {
  await using deployment = await Deployment.start(3);
  const program = launch(deployment, 'run', 'job', '--', 'cat');
  const bytes = `${'x'.repeat(100_000)}\n\u0000end`;
  program.stdin.end(bytes);
  expect(await program.ended).toMatchObject({ code: 0, stdout: bytes, stderr: '' });
});

test('stdout belongs to the command alone, also with --verbose, and stays a blocking pipe', async () => {
  await using deployment = await Deployment.start(3);
  const script = 'cat /proc/self/fdinfo/1 /proc/self/fdinfo/2 2>/dev/null | grep flags; echo end';
  const args = ['run', '--verbose', 'job', '--', 'sh', '-c', script];
  const { stdout, stderr } = await launch(deployment, ...args).ended;
  expect(stdout).toMatch(/^(flags:\s*0?[0-3]{1,7}\n)*end\n$/);
  expect(stderr).toContain('redlock: acquired job');
});

test('each signal goes on to the whole group of the command, once, and the run ends with the command', async () => {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
  await using run = await watchedRun('--ttl 60s');
  const { program, witness, command } = run;
  command.order('fork');
  const background = await witness.next();
  for (const signal of signals) {
    program.kill(signal);
    await Promise.all([command.got(signal), background.got(signal)]);
  }
  expect(program.hasEnded).toBe(false);
  command.order('exit', 12);
  expect((await program.ended).code).toBe(12);
  expect([command.signals, background.signals]).toEqual([signals, signals]);
});

test('what the command has started in the background runs on when the command has ended', async () => {
  await using run = await watchedRun('--ttl 60s');
  const { program, witness, command } = run;
  command.order('fork');
  const background = await witness.next();
  command.order('exit', 0);
  expect((await program.ended).code).toBe(0);
  expect(await run.deployment.isGone('job')).toBe(true);
  expect(background.isAlive).toBe(true);
  expect(background.signals).toEqual([]);
});

test('a mistake of the run itself ends the command, because nobody would extend the lock: 70, in one line', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const mistake = "process.on('SIGWINCH', () => { throw new Error('planted'); })";
  const { NODE_OPTIONS: before = '' } = process.env;
  process.env['NODE_OPTIONS'] = `--import=data:text/javascript,${encodeURIComponent(mistake)}`;
  const command = ['env', '-u', 'NODE_OPTIONS', ...witness.command()];
  const program = launch(deployment, 'run', ...LASTING, 'job', '--', ...command);
  process.env['NODE_OPTIONS'] = before;
  const running = await witness.next();
  program.kill('SIGWINCH');
  await running.died;
  expect(await program.ended).toMatchObject({ code: 70, stderr: 'redlock: planted\n' });
});

test('inspect --watch prints again when the holder has changed, and not when only time has passed', async () => {
  await using deployment = await Deployment.start(3);
  const hold = (owner: string): Promise<unknown> =>
    Promise.all(
      deployment.probes.map((probe) =>
        probe.set('job', `${owner}:${'x'.repeat(21)}`, 'PX', 600_000),
      ),
    );
  await hold('a');
  const program = launch(deployment, 'inspect', '--watch', 'job');
  await until('it names the holder', () => program.stdout.includes('job is locked by a '));
  const monitor = await deployment.monitor(0);
  await until('it has looked again, and once more', () => monitor.commands().length > 1);
  expect(program.stdout.match(/^job is locked by a /gm)).toHaveLength(1);
  await hold('b');
  await until('it names the new holder', () => program.stdout.includes('job is locked by b '));
  program.kill('SIGINT');
  expect(await program.ended).toMatchObject({ signal: 'SIGINT' });
});

test('inspect --permits --watch logs once that there is no quorum, and prints when there is one', async () => {
  await using deployment = await Deployment.start(3);
  for (const { proxy } of deployment.nodes) proxy.refuse();
  const program = launch(deployment, 'inspect', '--permits', '3', '--watch', 'seat');
  await program.logs('redlock: ');
  // Longer than two looks.
  await sleep(2500);
  expect(program.stderr.match(/^redlock: /gm)).toHaveLength(1);
  expect(program.stdout).toBe('');
  await Promise.all(deployment.nodes.map(({ proxy }) => proxy.heal()));
  await until('the permits are shown', () => program.stdout !== '');
  expect(program.stdout).toBe('0 of 3 permits of seat are held\n');
});
