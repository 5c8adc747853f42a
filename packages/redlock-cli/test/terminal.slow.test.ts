import { expect, test } from '@jest/globals';
import { Deployment, until } from 'test-kit';
import { urlsOf } from './support/program.js';
import { CTRL_C, CTRL_Z, Terminal } from './support/terminal.js';
import { loseAll } from './support/watched-run.js';
import { Witness } from './support/witness.js';

const LASTING = ['--ttl', '60s'];

test('Ctrl-C reaches the command once, and the run ends with the command', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  await using terminal = new Terminal(urlsOf(deployment));
  terminal.run(...LASTING, 'job', '--', ...witness.command());
  const command = await witness.next();
  terminal.type(CTRL_C);
  await command.got('SIGINT');
  // Whatever the run would pass on of Ctrl-C comes before the signal that it does pass on.
  process.kill(command.parent, 'SIGTERM');
  await command.got('SIGTERM');
  expect(command.signals).toEqual(['SIGINT', 'SIGTERM']);
  expect(await deployment.isGone('job')).toBe(false);
  command.order('exit', 9);
  expect(await terminal.code()).toBe(9);
  expect(await deployment.isGone('job')).toBe(true);
});

test('SIGTERM and SIGHUP go on to the command alone, not to what it has started', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  await using terminal = new Terminal(urlsOf(deployment));
  terminal.run(...LASTING, 'job', '--', ...witness.command());
  const command = await witness.next();
  command.order('fork');
  const background = await witness.next();
  process.kill(command.parent, 'SIGHUP');
  await command.got('SIGHUP');
  process.kill(command.parent, 'SIGTERM');
  await command.got('SIGTERM');
  expect(background.signals).toEqual([]);
  command.order('exit', 9);
  expect(await terminal.code()).toBe(9);
});

test('the command reads what is typed', async () => {
  await using deployment = await Deployment.start(3);
  await using terminal = new Terminal(urlsOf(deployment));
  terminal.run(
    ...LASTING,
    'job',
    '--',
    'sh',
    '-c',
    'echo beg""un; read -r word; echo "read: $word"',
  );
  await terminal.shows(/begun/);
  terminal.type('hello\r');
  expect(await terminal.shows(/read: (\w+)/)).toBe('hello');
  expect(await terminal.code()).toBe(0);
});

test('Ctrl-Z stops run and command, and fg continues both under the lock', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  await using terminal = new Terminal(urlsOf(deployment));
  terminal.run(...LASTING, 'job', '--', ...witness.command());
  const command = await witness.next();
  terminal.type(CTRL_Z);
  // The shell tells that it has been stopped.
  await terminal.code();
  terminal.type('fg; echo code=$?\r');
  await command.got('SIGCONT');
  command.order('exit', 9);
  expect(await terminal.code()).toBe(9);
  expect(command.signals).toEqual(['SIGCONT']);
});

test('a run that is continued after its validity was over kills the command: 75', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  await using terminal = new Terminal(urlsOf(deployment));
  terminal.run('--ttl', '4s', 'job', '--', ...witness.command());
  const command = await witness.next();
  terminal.type(CTRL_Z);
  await terminal.code();
  await until('the lock has expired', () => deployment.isGone('job'));
  terminal.type('fg; echo code=$?\r');
  await command.died;
  expect(await terminal.code()).toBe(75);
});

test('if the lock is lost, the command is killed, and not the run, which is in the same group', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  await using terminal = new Terminal(urlsOf(deployment));
  terminal.run('--ttl', '4s', 'job', '--', ...witness.command());
  const command = await witness.next();
  loseAll({ deployment });
  await command.died;
  expect(command.signals).toEqual(['SIGTERM']);
  expect(await terminal.code()).toBe(75);
});
