import { describe, expect, test } from '@jest/globals';
import { Redlock } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { durationOf, UsageError } from '../src/options.js';
import { ownerOf, runSettingsOf } from '../src/run/settings.js';

const NODES = ['--nodes', 'redis://redis-1:6379'];
const COMMAND = ['--', 'true'];

const settingsOf = (...options: readonly string[]): ReturnType<typeof runSettingsOf> =>
  runSettingsOf([...NODES, ...options, 'job', ...COMMAND], {});

describe('a duration', () => {
  test.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['7', 7000],
    ['0.5', 500],
    ['1.5s', 1500],
    ['0', 0],
  ])('%s is %d ms', (text, ms) => {
    expect(durationOf(text, '--ttl')).toBe(ms);
  });

  test.each(['', 's', '-1', '1 s', '1d', '1e3', '10S', '.5s', 'ten', '9007199254740993'])(
    'is not %j',
    (text) => {
      expect(() => durationOf(text, '--ttl')).toThrow(UsageError);
    },
  );
});

test('without options: a ttl of 10 s, waiting for ever, 1 if locked, a third of the ttl from SIGTERM to SIGKILL', () => {
  expect(settingsOf()).toEqual({
    nodes: [expect.objectContaining({ name: 'redis-1:6379' })],
    options: { owner: expect.stringContaining(' true'), keyPrefix: '', quarantine: true },
    resource: 'job',
    command: ['true'],
    ttl: 10_000,
    wait: Infinity,
    conflictExitCode: 1,
    shared: false,
    permits: null,
    steal: false,
    killAfter: 10_000 / 3,
    keepFor: null,
    verbose: false,
  });
});

test('the options of every command are those of the library', () => {
  const given = ['--key-prefix', 'app:', '--owner', 'web', '--quarantine', 'strict'];
  expect(settingsOf(...given).options).toEqual({
    keyPrefix: 'app:',
    owner: 'web',
    quarantine: 'strict',
  });
  expect(settingsOf('--quarantine', 'false').options.quarantine).toBe(false);
});

test.each([
  { ttl: '3s', killAfter: 1000 },
  { ttl: '15s', killAfter: 5000 },
  { ttl: '1h', killAfter: 5000 },
])('with a ttl of $ttl, SIGKILL comes $killAfter ms after SIGTERM', ({ ttl, killAfter }) => {
  expect(settingsOf('--ttl', ttl).killAfter).toBe(killAfter);
});

test('--kill-after may be half of the ttl', () => {
  expect(settingsOf('--ttl', '8s', '--kill-after', '4s').killAfter).toBe(4000);
});

test('options may stand behind the resource', () => {
  expect(runSettingsOf([...NODES, 'job', '-n', ...COMMAND], {})).toMatchObject({ wait: 0 });
});

describe('refuses', () => {
  test.each<{ args: readonly string[]; message: RegExp }>([
    { args: ['job'], message: /missing command\. Write it after --/ },
    { args: ['job', '--'], message: /missing command/ },
    { args: ['--', 'true'], message: /missing resource/ },
    { args: ['', ...COMMAND], message: /missing resource/ },
    { args: ['job', 'other', ...COMMAND], message: /unexpected argument "other"/ },
    {
      args: ['--tll', '1s', 'job', ...COMMAND],
      message: /Unknown option '--tll'\. See redlock help\.$/,
    },
    { args: ['-x', 'job', ...COMMAND], message: /Unknown option '-x'/ },
    { args: ['job', '--ttl', ...COMMAND], message: /'--ttl <value>' argument missing/ },
    { args: ['--ttl', '-1', 'job', ...COMMAND], message: /'--ttl' argument is ambiguous\. See/ },
    { args: ['--shared=yes', 'job', ...COMMAND], message: /'--shared' does not take an argument/ },
    { args: ['--ttl', '0', 'job', ...COMMAND], message: /--ttl must be greater than 0\./ },
    { args: ['--keep-for', '0s', 'job', ...COMMAND], message: /--keep-for must be greater than 0/ },
    { args: ['-n', '--wait', '1s', 'job', ...COMMAND], message: /--wait and -n exclude/ },
    { args: ['--shared', '--permits', '2', 'job', ...COMMAND], message: /--shared and --permits/ },
    { args: ['--steal', '--shared', 'job', ...COMMAND], message: /--shared and --steal exclude/ },
    { args: ['--steal', '--permits', '2', 'job', ...COMMAND], message: /--permits and --steal/ },
    { args: ['--quarantine', 'on', 'job', ...COMMAND], message: /invalid --quarantine "on"/ },
    { args: ['--permits', '0', 'job', ...COMMAND], message: /Use a number from 1 to 1000/ },
    { args: ['--permits', '1001', 'job', ...COMMAND], message: /Use a number from 1 to 1000/ },
    {
      args: ['-E', '256', 'job', ...COMMAND],
      message: /invalid --conflict-exit-code "256"\. Use a number from 0 to 255/,
    },
    { args: ['-E', '', 'job', ...COMMAND], message: /invalid --conflict-exit-code ""/ },
    {
      args: ['--kill-after', '6s', 'job', ...COMMAND],
      message: /exceeds half of the ttl\. Use --ttl 12s/,
    },
  ])('$args', ({ args, message }) => {
    const read = (): unknown => runSettingsOf([...NODES, ...args], {});
    expect(read).toThrow(UsageError);
    expect(read).toThrow(message);
  });
});

test.each(['/srv/report.sh', 'backup:daily', 'größe', 'x'.repeat(100), 'shared', ''])(
  'a command called %j gives a label that a Redlock takes',
  async (program) => {
    const owner = ownerOf(program);
    expect(owner).toContain(`/${process.pid} `);
    await new Redlock([memoryNode({ name: 'a' })], { owner }).close();
  },
);

test('a label shows the name of the command without its directory', () => {
  expect(ownerOf('/srv/jobs/report.sh')).toMatch(/ report\.sh$/);
});
