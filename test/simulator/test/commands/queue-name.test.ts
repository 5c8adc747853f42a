import { expect, test } from '@jest/globals';
import { queueOf, queuesOf } from '../../src/commands/queue-name.js';

test('all permits of a semaphore have one queue, and each lock has its own', () => {
  expect(queuesOf(['{a}:permit:0', '{a}:permit:1'])).toEqual(['{a}:permits:waiting']);
  expect(queuesOf(['a', 'b'])).toEqual(['{a}:waiting', '{b}:waiting']);
  expect(queueOf('{a}::permit:3')).toBe('{a}::permits:waiting');
});
