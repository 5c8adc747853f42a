import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { nodesOf } from '../src/nodes.js';
import { parse, UsageError } from '../src/options.js';

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as UsageError).message;
  }
  throw new Error('no error');
}

/** The names of the nodes that these arguments of a command line give. No client connects. */
function namesOf(args: readonly string[], environment: NodeJS.ProcessEnv = {}): readonly string[] {
  return nodesOf(parse(args, {}).values, environment).map(({ name }) => name);
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'redlock-nodes-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('--nodes wins over REDLOCK_NODES, and spaces and additional commas do not matter', () => {
  const environment = { REDLOCK_NODES: 'redis://from-environment' };
  expect(namesOf([], environment)).toEqual(['from-environment:6379']);
  const given = ['--nodes', ' redis://a:1, rediss://b:2,,'];
  expect(namesOf(given, environment)).toEqual(['a:1', 'b:2']);
});

describe('--nodes-file', () => {
  test('has one URL a line, and wins over REDLOCK_NODES', () => {
    const file = join(folder, 'nodes');
    writeFileSync(file, 'redis://u:hunter,2@a:1\n\n  rediss://b  \r\nredis+cluster://c,d\n');
    const environment = { REDLOCK_NODES: 'redis://from-environment' };
    expect(namesOf(['--nodes-file', file], environment)).toEqual(['a:1', 'b:6379', 'c:6379']);
  });

  test('that cannot be read, and --nodes in addition, are refused', () => {
    const args = ['--nodes-file', join(folder, 'missing')];
    expect(messageOf(() => namesOf(args))).toMatch(/cannot read .*ENOENT/);
    expect(messageOf(() => namesOf([...args, '--nodes', 'redis://a']))).toMatch(
      /--nodes and --nodes-file exclude/,
    );
  });
});

test.each([
  ['redis://redis-1', ['redis-1:6379']],
  ['redis://u:hunter2@redis-1:6380/2,rediss://redis-2', ['redis-1:6380', 'redis-2:6379']],
  ['valkey://a,valkeys://:hunter2@b:1/', ['a:6379', 'b:1']],
  ['redis://[::1]:7001', ['::1:7001']],
  ['redis+sentinel://u:hunter2@a,b:26380/main/2', ['a:26379/main']],
  ['redis+sentinel://a,b/one,redis+sentinel://a,b/two', ['a:26379/one', 'a:26379/two']],
  ['redis+cluster://u:hunter2@a:7000,b,rediss+cluster://c', ['a:7000', 'c:6379']],
  ['redis://u:hunter,2@a,redis://u:hunter%2C2@b', ['a:6379', 'b:6379']],
])('%s are nodes called %j', (urls, names) => {
  expect(namesOf(['--nodes', urls])).toEqual(names);
});

test.each([[[]], [['--nodes', '']], [['--nodes', ' , ']]])(
  'without nodes (%j) the message says how to name them',
  (args) => {
    expect(messageOf(() => namesOf(args))).toMatch(/Use --nodes, --nodes-file or REDLOCK_N/);
  },
);

describe('an invalid URL is named by its place, and never shown', () => {
  test.each([
    'http://u:hunter2@b',
    'redis://u:hunter2@',
    'redis://u:hunter2@b:port',
    'redis://u:hunter2@b:70000',
    'redis://u:hunter2@b/orders',
    'redis://u:hunter2@b/1?db=2',
    'redis://u%:hunter2@b',
    'redis://u:hunter2@b,c',
    'redis://u:hunter2@b,u:hunter2@c',
    'redis+sentinel://u:hunter2@b',
    'redis+cluster://u:hunter2@b/1',
    'redis+cluster://u:hunter2@b,c:port',
    'redis+tls://u:hunter2@b',
  ])('%s', (url) => {
    const message = messageOf(() => namesOf(['--nodes', `redis://a:1,${url}`]));
    expect(message).toMatch(/^invalid URL 2 of --nodes\. (Use redis:|Write %25)/);
    expect(message).not.toContain('hunter2');
  });
});

test('a node that is given twice is refused', () => {
  const message = messageOf(() => namesOf(['--nodes', 'redis://a:6379,redis://u:hunter2@a']));
  expect(message).toBe('duplicate node a:6379. Name each node once.');
});

test('certificates need a URL with TLS, and files that exist', () => {
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, 'certificate');
  const untrusted = ['--nodes', 'redis://a', '--ca', ca];
  expect(messageOf(() => namesOf(untrusted))).toMatch(/--ca needs TLS\. Use rediss/);
  expect(namesOf(['--nodes', 'valkeys://a', '--ca', ca])).toEqual(['a:6379']);
  const missing = ['--nodes', 'rediss://a', '--key', join(folder, 'missing')];
  expect(messageOf(() => namesOf(missing))).toMatch(/cannot read --key .*ENOENT/);
});
