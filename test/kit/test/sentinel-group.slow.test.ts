import { expect, test } from '@jest/globals';
import { pace, SentinelGroup } from '../src/index.js';

test('Sentinels promote the replica of a master that is told to give way, or is killed', async () => {
  await using group = await SentinelGroup.start();
  const [first, second] = group.servers;
  expect(await group.master()).toBe(first);
  if (!first) return;
  await group.probe(first).set('key', 'kept');
  await group.probe(first).wait(1, pace.limit);
  expect(await group.failMaster()).toBe(second);
  if (!second) return;
  expect(await group.probe(second).get('key')).toBe('kept');
  await first.start();
  await group.isReplicated();
  expect(await group.failOver()).toBe(first);
  expect(await group.probe(first).get('key')).toBe('kept');
});
