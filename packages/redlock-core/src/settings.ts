import { isPositive, POSITIVE, requireNumber, requireObject, requireTimeout } from './argument.js';
import type { AcquireOptions, RedlockOptions } from './options.js';

/**
 * Every setting of one acquire, defaults filled in.
 * @internal
 */
export interface AcquireSettings {
  readonly wait: number;
  readonly signal: AbortSignal | undefined;
  readonly retryDelay: number;
  readonly retryJitter: number;
  readonly autoExtend: boolean;
  readonly maxHold: number;
  readonly reentrant: boolean;
  readonly fencing: boolean;
}

/** @internal */
export interface Settings {
  readonly acquire: AcquireSettings;
  readonly keyPrefix: string;
  readonly driftFactor: number;
  readonly nodeTimeout: number | undefined;
  readonly quarantine: boolean | 'strict';
  readonly quarantineTime: number | undefined;
}

const DEFAULTS: Settings = {
  acquire: {
    wait: 5000,
    signal: undefined,
    retryDelay: 200,
    retryJitter: 100,
    autoExtend: false,
    maxHold: Infinity,
    reentrant: false,
    fencing: true,
  },
  keyPrefix: '',
  driftFactor: 0.01,
  nodeTimeout: undefined,
  quarantine: true,
  quarantineTime: undefined,
};

/** @internal */
export function parseRedlockOptions(options: RedlockOptions = {}): Settings {
  requireObject(options);
  const {
    keyPrefix = DEFAULTS.keyPrefix,
    driftFactor = DEFAULTS.driftFactor,
    nodeTimeout = DEFAULTS.nodeTimeout,
    quarantine = DEFAULTS.quarantine,
    quarantineTime = DEFAULTS.quarantineTime,
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
  return {
    acquire: parseAcquireOptions({ ...options, signal: undefined }, DEFAULTS.acquire),
    keyPrefix,
    driftFactor,
    nodeTimeout,
    quarantine,
    quarantineTime,
  };
}

/** @internal */
export function parseAcquireOptions(
  options: AcquireOptions | undefined,
  defaults: AcquireSettings,
): AcquireSettings {
  if (options === undefined) return defaults;
  requireObject(options);
  const {
    wait = defaults.wait,
    signal,
    retryDelay = defaults.retryDelay,
    retryJitter = defaults.retryJitter,
    autoExtend = defaults.autoExtend,
    maxHold = defaults.maxHold,
    reentrant = defaults.reentrant,
    fencing = defaults.fencing,
  } = options;
  requireNumber('wait', wait, 'at least 0', (n) => n >= 0);
  requireNumber('maxHold', maxHold, 'at least 0', (n) => n >= 0);
  requireNumber('retryDelay', retryDelay, 'finite and at least 0', isDuration);
  requireNumber('retryJitter', retryJitter, 'finite and at least 0', isDuration);
  if (typeof autoExtend !== 'boolean') throw new TypeError('autoExtend must be a boolean');
  if (typeof reentrant !== 'boolean') throw new TypeError('reentrant must be a boolean');
  if (typeof fencing !== 'boolean') throw new TypeError('fencing must be a boolean');
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError('signal must be an AbortSignal');
  }
  return { wait, signal, retryDelay, retryJitter, autoExtend, maxHold, reentrant, fencing };
}

function isDuration(ms: number): boolean {
  return ms >= 0 && ms < Infinity;
}
