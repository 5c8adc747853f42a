import { expect } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { Redlock, RedlockOptions } from 'redlock-core';
import type { TestNode } from './test-node.js';
import { world } from './world.js';

/** What a caller passes, and the error that it must get, as in `RangeError: ttl must be …`. */
export type BadArgument = readonly [what: string, value: unknown, error: string];

/** The class of an error and its message. */
export function classAndMessage(error: unknown): string {
  return error instanceof Error ? `${error.constructor.name}: ${error.message}` : String(error);
}

/** Expects that `call` fails with exactly this error, before any node is connected or sent anything. */
export async function expectRefusal(
  call: (redlock: Redlock) => unknown,
  error: string,
  over: { redlock: Redlock; nodes: readonly TestNode[] } = world(),
): Promise<void> {
  expect(classAndMessage(await rejectionOf((async () => call(over.redlock))()))).toBe(error);
  for (const node of over.nodes)
    expect(node).toMatchObject({ commands: [], connects: 0, closes: 0 });
}

/** A value that is no number, and numbers out of range, for an option. */
export function badNumbers(
  name: keyof RedlockOptions,
  range: string,
  ...values: readonly number[]
): BadArgument[] {
  return [
    [name, { [name]: '5' }, `TypeError: ${name} must be a number`],
    ...values.map((value): BadArgument => [
      `${name} ${value}`,
      { [name]: value },
      `RangeError: ${name} must be ${range}, not ${value}`,
    ]),
  ];
}
