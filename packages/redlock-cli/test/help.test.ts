import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { runAlone } from './support/in-process.js';

const SECRET = 'redis://user:hunter2@127.0.0.1:1';

describe.each([
  [['--help']],
  [['run', '--help']],
  [['inspect', '-h']],
  [['release', '-h']],
  [['doctor', '--help']],
])('%j', (args) => {
  test('is one screen with examples, on stdout', async () => {
    const { code, stdout, stderr } = await runAlone(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(30);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
    expect(stdout).toMatch(/^ {2}redlock (run|inspect|release|doctor) /m);
  });
});

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

test('of doctor says that it ignores --owner, which every command takes', async () => {
  const { stdout } = await runAlone('help', 'doctor');
  expect(stdout).toMatch(/--owner is ignored/);
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
  [['run', '--nodes', SECRET, 'job:waiting', '--ttl', '1ms', '--', 'true']],
  [['inspect', '--nodes', SECRET, '{job}:waiting']],
  [['inspect', '--nodes', SECRET, '--owner', 'a:b', 'job']],
  [['release', '--nodes', SECRET, 'job']],
  [['release', '--nodes', SECRET, '--force', '--token', 'T', 'job']],
  [['release', '--nodes', SECRET, '--force', '--permit', '1000', 'job']],
  [['completion', 'fish']],
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

describe('completion', () => {
  const run = promisify(execFile);

  /** What bash offers for the last of these words. */
  async function completions(...words: readonly string[]): Promise<string[]> {
    const { stdout } = await runAlone('completion', 'bash');
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const script = `${stdout}COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}
      _redlock; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return (await run('bash', ['-c', script])).stdout.trim().split('\n');
  }

  test('offers the commands, their options, and behind -- the commands of the machine', async () => {
    expect(await completions('redlock', 're')).toEqual(['release']);
    expect(await completions('redlock', 'run', '--k')).toEqual(
      expect.arrayContaining(['--kill-after', '--keep-for', '--key-prefix']),
    );
    expect(await completions('redlock', 'doctor', '--kill')).toEqual(['']);
    expect(await completions('redlock', 'run', 'job', '--', 'bas')).toContain('bash');
  });

  test('of zsh is that of bash', async () => {
    const [bash, zsh] = [await runAlone('completion', 'bash'), await runAlone('completion', 'zsh')];
    expect(zsh.stdout).toMatch(/^autoload -U \+X compinit/);
    expect(zsh.stdout.endsWith(bash.stdout)).toBe(true);
  });
});
