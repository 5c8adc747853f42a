import { acquireSettingsOf, SHARED_OPTIONS, type AcquireSettings } from './acquire-settings.js';
import { isPositive, POSITIVE, requireNumber, requireObject, requireTimeout } from './argument.js';
import { requireKnown } from './known-options.js';
import { requireLabel } from './owner-label.js';
import type { RedlockOptions } from '../options.js';

/** Settings that are the same for every call of a Redlock. */
interface OwnSettings {
  readonly keyPrefix: string;
  readonly driftFactor: number;
  readonly nodeTimeout: number | undefined;
  readonly quarantine: boolean | 'strict';
  readonly quarantineTime: number | undefined;
  /** The label in the tokens of this Redlock; `undefined`: they have none. */
  readonly owner: string | undefined;
}

export interface Settings extends OwnSettings {
  /** The defaults of each call. */
  readonly acquire: AcquireSettings;
}

const DEFAULTS: OwnSettings = {
  keyPrefix: '',
  driftFactor: 0.01,
  nodeTimeout: undefined,
  quarantine: true,
  quarantineTime: undefined,
  owner: undefined,
};

const KNOWN: ReadonlySet<string> = new Set([...SHARED_OPTIONS, ...Object.keys(DEFAULTS)]);

export function parseRedlockOptions(options: RedlockOptions = {}): Settings {
  requireObject(options);
  requireKnown(options, KNOWN);
  const {
    keyPrefix = DEFAULTS.keyPrefix,
    driftFactor = DEFAULTS.driftFactor,
    nodeTimeout = DEFAULTS.nodeTimeout,
    quarantine = DEFAULTS.quarantine,
    quarantineTime = DEFAULTS.quarantineTime,
    owner = DEFAULTS.owner,
  } = options;
  if (typeof keyPrefix !== 'string') throw new TypeError('keyPrefix must be a string');
  if (!keyPrefix.isWellFormed()) {
    throw new RangeError('keyPrefix must be well-formed Unicode, without lone surrogates');
  }
  requireNumber('driftFactor', driftFactor, 'at least 0 and below 1', (n) => n >= 0 && n < 1);
  if (nodeTimeout !== undefined) requireTimeout('nodeTimeout', nodeTimeout);
  if (typeof quarantine !== 'boolean' && quarantine !== 'strict') {
    throw new TypeError("quarantine must be a boolean or 'strict'");
  }
  if (quarantineTime !== undefined) {
    requireNumber('quarantineTime', quarantineTime, POSITIVE, isPositive);
  }
  if (owner !== undefined) requireLabel(owner);
  const acquire = { ...acquireSettingsOf(options), signal: undefined };
  return { acquire, keyPrefix, driftFactor, nodeTimeout, quarantine, quarantineTime, owner };
}
