import { expect, test } from '@jest/globals';
import { keyRange } from '../../src/protocol/key-range.js';
import { NATIVE_GRANT } from '../../src/protocol/native-grant.js';
import { commandOf } from '../support/operations.js';

function keysOf(command: readonly string[]): readonly string[] {
  const { start, end } = keyRange(command);
  return command.slice(start, end);
}

test('says where the keys of a script and of a native grant are, and that other commands have none', () => {
  const grant = { kind: 'grant', resources: ['a'], token: 'one' } as const;
  expect(keysOf(commandOf([grant], NATIVE_GRANT))).toEqual(['a']);
  expect(keysOf(commandOf([{ ...grant, fence: 1 }]))).toEqual(['a', '{a}:fencing', '{a}:shared']);
  expect(keysOf(['INFO', 'server'])).toEqual([]);
});
