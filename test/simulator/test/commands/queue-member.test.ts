import { expect, test } from '@jest/globals';
import { calledKey, isCall, memberOf, reservationOf } from '../../src/commands/queue-member.js';

test('a call for a permit names the key that is kept', () => {
  const channel = '{a}:permits:waiting:called:p1.2';
  expect([isCall('called 3'), isCall('called'), isCall('stand by 40')]).toEqual([
    true,
    true,
    false,
  ]);
  expect(calledKey(channel, 'called 3')).toBe('{a}:permit:3');
  expect(calledKey('a:called:p1.2', 'called')).toBe('a');
  expect(reservationOf(channel)).toBe('reserved:p1.2');
});

test('the entry of a process that was called stands for the same member', () => {
  const member = '40:{a}:permits:waiting:called:p1.2';
  const entries = [`*-500:9000:${member}`, `+17:9000:${member}`, `-${member}`];
  expect(entries.map((entry) => memberOf(entry))).toEqual([member, member, member]);
});
