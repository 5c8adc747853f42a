import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { runAlone } from './support/in-process.js';

const SECRET = 'redis://user:hunter2@127.0.0.1:1';

describe.each([[['--help']], [['run', '--help']], [['inspect', '-h']], [['doctor', '--help']]])(
  '%j',
  (args) => {
    test('is one screen with examples, on stdout', async () => {
      const { code, stdout, stderr } = await runAlone(...args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const lines = stdout.trimEnd().split('\n');
      expect(lines.length).toBeLessThanOrEqual(26);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
      expect(stdout).toMatch(/^ {2}redlock (run|inspect|doctor) /m);
    });
  },
);

test.each([
  [[], ['--help']],
  [['help'], ['--help']],
  [
    ['help', 'run'],
    ['run', '--help'],
  ],
  [['help', 'help'], ['--help']],
])('%j prints the same as %j', async (args, same) => {
  expect(await runAlone(...args)).toEqual(await runAlone(...same));
});

test.each(['--version', '-V'])('%s is that of the package', async (option) => {
  const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  expect(await runAlone(option)).toMatchObject({ code: 0, stdout: `${version}\n` });
});

test.each([
  [['help', 'rnu']],
  [['help', 'run', 'job']],
  [['rnu', 'job', '--', 'true']],
  [['run', 'job', '--', 'true']],
  [['run', '--nodes', SECRET, 'job']],
  [['run', '--nodes', `${SECRET},${SECRET}`, 'job', '--', 'true']],
  [['run', '--nodes', SECRET, 'job:waiting', '--ttl', '1ms', '--', 'true']],
  [['inspect', '--nodes', SECRET, '{job}:waiting']],
  [['inspect', '--nodes', `http${SECRET}`, 'job']],
])('%j is 64 with one line, which shows no password', async (args) => {
  const { code, stdout, stderr } = await runAlone(...args);
  expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
  expect(stderr).toMatch(/^redlock: .+\n$/);
  expect(stderr).not.toContain('hunter2');
});

test('messages about nodes that cannot be reached show no password', async () => {
  const args = ['run', '--verbose', '-n', '--nodes', SECRET, 'job', '--', 'true'];
  const { code, stderr } = await runAlone(...args);
  expect(code).toBe(69);
  expect(stderr).toContain('127.0.0.1:1');
  expect(stderr).not.toContain('hunter2');
});

test('the help of doctor names every option', async () => {
  const { stdout } = await runAlone('doctor', '--help');
  for (const option of ['--nodes', '--ttl', '--prefix', '--quarantine', '--json']) {
    expect(stdout).toContain(option);
  }
});
