import type { AcquireOptions, AdoptOptions, LockMode, TryAcquireOptions } from '../options.js';
import type { AdoptPermitOptions, PermitOptions, TryPermitOptions } from '../semaphore.js';
import { requireBoolean, requireKnown, requireNumber, requireObject } from './argument.js';

interface WaitSettings {
  readonly wait: number;
  readonly pollInterval: number;
}

interface HoldSettings {
  readonly signal: AbortSignal | undefined;
  readonly autoExtend: boolean;
  readonly maxHold: number;
  readonly reentrant: boolean;
  readonly fencing: boolean;
  readonly mode: LockMode;
  readonly onVotes: AcquireOptions['onVotes'];
  readonly steal: boolean;
}

/** Every setting of one acquire, with defaults filled in. */
export interface AcquireSettings extends WaitSettings, HoldSettings {}

const WAITING: WaitSettings = { wait: 5000, pollInterval: 200 };
const HOLDING: HoldSettings = {
  signal: undefined,
  autoExtend: false,
  maxHold: Infinity,
  reentrant: false,
  fencing: true,
  mode: 'exclusive',
  onVotes: undefined,
  steal: false,
};
const DEFAULTS: AcquireSettings = { ...WAITING, ...HOLDING };

const OF_WAITING: ReadonlySet<string> = new Set(Object.keys(WAITING));
const OF_HOLDING: ReadonlySet<string> = new Set(Object.keys(HOLDING));
const OF_ACQUIRE: ReadonlySet<string> = new Set(Object.keys(DEFAULTS));
const OF_ADOPTION: ReadonlySet<string> = new Set([
  'signal',
  'autoExtend',
  'maxHold',
  'fencing',
  'mode',
]);

const OF_ONE_CALL: ReadonlySet<string> = new Set(['signal', 'mode', 'steal']);

/** The names of the options that a Redlock takes as defaults. */
export const SHARED_OPTIONS = Object.keys(DEFAULTS).filter((name) => !OF_ONE_CALL.has(name));

export function parseAcquireOptions(
  options: AcquireOptions | undefined,
  defaults: AcquireSettings,
): AcquireSettings {
  if (options === undefined) return defaults;
  requireObject(options);
  requireKnown(options, OF_ACQUIRE);
  return acquireSettingsOf(options, defaults);
}

/** Ignores the options for waiting, because callers may share one set of options among all calls. */
export function parseTryAcquireOptions(
  options: TryAcquireOptions | undefined,
  defaults: AcquireSettings,
): AcquireSettings {
  if (options === undefined) return { ...defaults, wait: 0 };
  requireObject(options);
  requireKnown(options, OF_HOLDING, OF_WAITING);
  return settingsOf({ ...defaults, wait: 0 }, holdSettingsOf(options, defaults));
}

/** An adoption is one attempt, and takes over a lock that no caller around it can hold. */
export function parseAdoptOptions(
  options: AdoptOptions | undefined,
  defaults: AcquireSettings,
): AcquireSettings {
  const own = { ...defaults, wait: 0, reentrant: false, onVotes: undefined };
  if (options === undefined) return own;
  requireObject(options);
  requireKnown(options, OF_ADOPTION);
  return settingsOf(own, holdSettingsOf(options, own));
}

/** Fills in defaults. The names of the options must have been checked already. */
export function acquireSettingsOf(
  options: AcquireOptions,
  defaults: AcquireSettings = DEFAULTS,
): AcquireSettings {
  return settingsOf(waitSettingsOf(options, defaults), holdSettingsOf(options, defaults));
}

/**
 * Perf: time of an acquire. The names are spelled out: an object made by two spreads costs V8 ten microseconds more,
 * half as much as a lock in memory.
 */
function settingsOf(
  { wait, pollInterval }: WaitSettings,
  { signal, autoExtend, maxHold, reentrant, fencing, mode, onVotes, steal }: HoldSettings,
): AcquireSettings {
  return {
    wait: steal ? 0 : wait,
    pollInterval,
    signal,
    autoExtend,
    maxHold,
    reentrant,
    fencing,
    mode,
    onVotes,
    steal,
  };
}

function waitSettingsOf(options: AcquireOptions, defaults: WaitSettings): WaitSettings {
  const { wait = defaults.wait, pollInterval = defaults.pollInterval } = options;
  requireNumber('wait', wait, 'at least 0', (n) => n >= 0);
  requireNumber('pollInterval', pollInterval, 'finite and at least 0', isDuration);
  return { wait, pollInterval };
}

function holdSettingsOf(options: TryAcquireOptions, defaults: HoldSettings): HoldSettings {
  const {
    signal,
    autoExtend = defaults.autoExtend,
    maxHold = defaults.maxHold,
    reentrant = defaults.reentrant,
    fencing = defaults.fencing,
    mode = defaults.mode,
    onVotes = defaults.onVotes,
    steal = defaults.steal,
  } = options;
  requireNumber('maxHold', maxHold, 'at least 0', (n) => n >= 0);
  requireBoolean('autoExtend', autoExtend);
  requireBoolean('reentrant', reentrant);
  requireBoolean('fencing', fencing);
  requireBoolean('steal', steal);
  if (mode !== 'exclusive' && mode !== 'shared') {
    throw new TypeError("mode must be 'exclusive' or 'shared'");
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError('signal must be an AbortSignal');
  }
  if (onVotes !== undefined && typeof onVotes !== 'function') {
    throw new TypeError('onVotes must be a function');
  }
  if (steal && (mode === 'shared' || reentrant)) {
    const other = mode === 'shared' ? "mode: 'shared'" : 'reentrant: true';
    throw new RangeError(`steal cannot be combined with ${other}. Leave one of them out.`);
  }
  return { signal, autoExtend, maxHold, reentrant, fencing, mode, onVotes, steal };
}

function isDuration(ms: number): boolean {
  return ms >= 0 && ms < Infinity;
}

/** Settings of one acquire of a permit. Defaults of the Redlock make permits neither reentrant nor shared. */
export function parsePermitOptions(
  options: PermitOptions | undefined,
  defaults: AcquireSettings,
): AcquireSettings {
  refuse(options);
  return { ...parseAcquireOptions(options, defaults), ...OF_PERMITS };
}

/** The same, for a call that tries once. */
export function parseTryPermitOptions(
  options: TryPermitOptions | undefined,
  defaults: AcquireSettings,
): AcquireSettings {
  refuse(options);
  return { ...parseTryAcquireOptions(options, defaults), ...OF_PERMITS };
}

/** The same, for an adoption. */
export function parseAdoptPermitOptions(
  options: AdoptPermitOptions | undefined,
  defaults: AcquireSettings,
): AcquireSettings {
  refuse(options);
  return { ...parseAdoptOptions(options, defaults), ...OF_PERMITS };
}

const OF_PERMITS = { reentrant: false, mode: 'exclusive', steal: false } as const;

/** Why a semaphore does not have an option, and what to do instead. */
const REFUSED: Readonly<Record<keyof typeof OF_PERMITS, string>> = {
  reentrant: 'each call takes a permit of its own; pass the lock on instead',
  mode: 'a permit has one holder; use more permits instead',
  steal: 'adopt the permit with its token instead',
};

function refuse(options: unknown): void {
  if (typeof options !== 'object' || options === null) return;
  for (const [name, why] of Object.entries(REFUSED)) {
    if (name in options) throw new TypeError(`A semaphore has no option "${name}": ${why}`);
  }
}
