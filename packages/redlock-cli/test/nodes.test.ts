import { describe, expect, test } from '@jest/globals';
import { nodesOf } from '../src/nodes.js';
import { UsageError } from '../src/usage-error.js';

const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as UsageError).message;
  }
  throw new Error('It was not refused');
};

test('--nodes wins over REDLOCK_NODES, and spaces and commas too many do not matter', () => {
  const environment = { REDLOCK_NODES: 'redis://from-environment' };
  const namesOf = (given?: string): unknown => nodesOf(given, environment).map(({ name }) => name);
  expect(namesOf()).toEqual(['from-environment:6379']);
  expect(namesOf(' redis://a:1, rediss://b:2,,')).toEqual(['a:1', 'b:2']);
});

test.each([undefined, '', ' , '])(
  'without nodes (%j) the message says how to name them',
  (given) => {
    expect(messageOf(() => nodesOf(given, {}))).toMatch(/use --nodes or set REDLOCK_NODES/);
  },
);

describe('a bad URL is named by its place, and never shown', () => {
  test.each([
    'http://u:hunter2@b',
    'u:hunter2@b:6379',
    'redis://u:hunter2@',
    'redis://u:hunter2@b:port',
    'redis://u:hunter2@b/orders',
    'redis://u%:hunter2@b',
  ])('%s', (url) => {
    const message = messageOf(() => nodesOf(`redis://a:1,${url}`, {}));
    expect(message).toMatch(/^URL 2 of --nodes: A node URL must /);
    expect(message).not.toContain('hunter2');
  });
});

test.each(['redis://u:hunter2,4@b', 'redis://u:hunter,2,3@b', 'redis://u:6379,hunter2@b'])(
  'the message about %s says how to write a comma in a password',
  (url) => {
    const message = messageOf(() => nodesOf(`redis://a:1,${url}`, {}));
    expect(message).toMatch(/^URL [23] of --nodes: .+ A comma in a password is written as %2C\.$/);
    expect(message).not.toContain('hunter');
  },
);

test('a comma in a password may be written as %2C', async () => {
  const [node] = nodesOf('redis://u:hunter%2C2@b', {});
  expect(node?.name).toBe('b:6379');
  await node?.close?.();
});

test('a node is called host:port, without user and password', async () => {
  const nodes = nodesOf('redis://u:hunter2@redis-1:6380/2,rediss://redis-2', {});
  expect(nodes.map(({ name }) => name)).toEqual(['redis-1:6380', 'redis-2:6379']);
  for (const node of nodes) await node.close?.();
});

test('a node that is given twice is refused', () => {
  const message = messageOf(() => nodesOf('redis://a:6379,redis://u:hunter2@a', {}));
  expect(message).toBe('the node a:6379 is given twice: name each node once');
});
