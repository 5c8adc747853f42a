import { describe, expect, test } from '@jest/globals';
import { durationOf } from '../src/duration.js';
import { runSettingsOf } from '../src/run/settings.js';
import { UsageError } from '../src/usage-error.js';

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

test('without options: a ttl of 10 s, waiting for ever, 1 if busy, a third of the ttl from SIGTERM to SIGKILL', () => {
  expect(settingsOf()).toEqual({
    nodes: [expect.objectContaining({ name: 'redis-1:6379' })],
    resource: 'job',
    command: ['true'],
    ttl: 10_000,
    wait: Infinity,
    busyCode: 1,
    shared: false,
    permits: null,
    killAfter: 10_000 / 3,
    keepFor: null,
    strict: false,
    verbose: false,
  });
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
    { args: ['job'], message: /no command is given: write it after --/ },
    { args: ['job', '--'], message: /no command is given/ },
    { args: ['--', 'true'], message: /no resource is given/ },
    { args: ['', ...COMMAND], message: /no resource is given/ },
    { args: ['job', 'other', ...COMMAND], message: /"other" is one argument too many/ },
    { args: ['--tll', '1s', 'job', ...COMMAND], message: /no option --tll; did you mean --ttl\?/ },
    { args: ['-x', 'job', ...COMMAND], message: /no option -x/ },
    { args: ['job', '--ttl', ...COMMAND], message: /--ttl needs a value/ },
    { args: ['--ttl', '-1', 'job', ...COMMAND], message: /--ttl needs a value/ },
    { args: ['--shared=yes', 'job', ...COMMAND], message: /--shared takes no value/ },
    { args: ['--ttl', '0', 'job', ...COMMAND], message: /--ttl must be longer than nothing/ },
    { args: ['--keep-for', '0s', 'job', ...COMMAND], message: /--keep-for must be longer/ },
    { args: ['-n', '--wait', '1s', 'job', ...COMMAND], message: /--wait and -n exclude/ },
    { args: ['--shared', '--permits', '2', 'job', ...COMMAND], message: /--shared and --permits/ },
    { args: ['--permits', '0', 'job', ...COMMAND], message: /no number from 1 to 1000/ },
    { args: ['--permits', '1001', 'job', ...COMMAND], message: /no number from 1 to 1000/ },
    { args: ['-E', '256', 'job', ...COMMAND], message: /-E "256" is no number from 0 to 255/ },
    { args: ['-E', '', 'job', ...COMMAND], message: /-E "" is no number/ },
    {
      args: ['--kill-after', '6s', 'job', ...COMMAND],
      message: /more than half of the ttl: give --ttl 12s/,
    },
  ])('$args', ({ args, message }) => {
    const read = (): unknown => runSettingsOf([...NODES, ...args], {});
    expect(read).toThrow(UsageError);
    expect(read).toThrow(message);
  });
});
