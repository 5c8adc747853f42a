import type { Case } from '../support/case.js';
import { acquire } from './acquire.js';
import { counter } from './counter.js';
import { extend } from './extend.js';
import { permits } from './permits.js';
import { refusals } from './refusals.js';
import { release } from './release.js';
import { shared } from './shared.js';

/** What one server does with one command. */
export const cases: readonly Case[] = [
  ...acquire,
  ...counter,
  ...extend,
  ...release,
  ...shared,
  ...permits,
  ...refusals,
];

/** The cases that also hold for a grant that is sent as a command of Redis itself. */
export const nativeCases = acquire;
