import { Redlock, type RedisNode } from 'redlock-core';
import { quarantineTimeOf } from '../quarantine-time.js';
import { borrowed } from './facts/borrowed.js';
import type { DiagnoseOptions } from './options.js';

/** The options, with their defaults. */
export interface Terms {
  /** In ms. */
  readonly ttl: number;
  /** For a connection, and for each reply, in ms. */
  readonly wait: number;
  readonly keyPrefix: string;
  readonly nodeTimeout: number | undefined;
  readonly fencing: boolean;
  readonly quarantine: boolean | 'strict';
  /** In ms. */
  readonly quarantineTime: number;
}

/** @throws TypeError, RangeError for bad nodes or options; the core itself says so where it knows the option */
export async function termsOf(
  nodes: readonly RedisNode[],
  { ttl = 10_000, timeout: wait = 5000, ...options }: DiagnoseOptions = {},
): Promise<Terms> {
  requirePositive('ttl', ttl);
  requirePositive('timeout', wait);
  await new Redlock(nodes.map(borrowed), options).close();
  const { keyPrefix = '', nodeTimeout, fencing = true, quarantine = true } = options;
  const { quarantineTime = quarantineTimeOf(ttl) } = options;
  return { ttl, wait, keyPrefix, nodeTimeout, fencing, quarantine, quarantineTime };
}

function requirePositive(name: string, value: number): void {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number`);
  if (!Number.isSafeInteger(value) || value <= 0) {
    throw new RangeError(`${name} must be a positive safe integer of ms, not ${value}`);
  }
}
