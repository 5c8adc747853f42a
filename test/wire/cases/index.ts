import type { Case } from '../support/case.js';
import { acquire, acquireOnRedis } from './acquire.js';
import { counter, counterOnRedis } from './counter.js';
import { extend, extendOnRedis } from './extend.js';
import { permits, permitsOnRedis } from './permits.js';
import { queueModes, queuesOnRedis } from './queue-modes.js';
import { queues } from './queue.js';
import { refusals, refusalsOnRedis } from './refusals.js';
import { release, releaseOnRedis } from './release.js';
import { shared, sharedOnRedis } from './shared.js';

/** What every server does with one command. */
export const cases: readonly Case[] = [
  ...acquire,
  ...counter,
  ...extend,
  ...release,
  ...shared,
  ...permits,
  ...queues,
  ...queueModes,
  ...refusals,
];

/** The same, and what a real server does with keys of other types, users and limits. */
export const redisCases: readonly Case[] = [
  ...cases,
  ...acquireOnRedis,
  ...counterOnRedis,
  ...extendOnRedis,
  ...releaseOnRedis,
  ...sharedOnRedis,
  ...permitsOnRedis,
  ...queuesOnRedis,
  ...refusalsOnRedis,
];
