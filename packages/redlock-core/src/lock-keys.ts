const COUNTER_SUFFIX = ':fencing';

/** What a lock is on the nodes. What follows from the keys is made when it is needed: locks are many. */
export class LockKeys {
  constructor(
    /** One for each resource, `keyPrefix + resource`: holds the token. */
    readonly keys: readonly string[],
    readonly fenced: boolean,
  ) {}

  /** One for each key, in the same Cluster slot: the fencing counter. None without fencing. */
  get counters(): readonly string[] {
    return this.fenced ? this.keys.map(counterOf) : [];
  }

  /** One for each key: where its release is announced. */
  get channels(): readonly string[] {
    return this.keys.map(channelOf);
  }
}

export function lockKeysOf(
  resources: readonly string[],
  keyPrefix: string,
  fenced: boolean,
): LockKeys {
  const keys = keyPrefix === '' ? resources : resources.map((resource) => keyPrefix + resource);
  return new LockKeys(keys, fenced);
}

function channelOf(key: string): string {
  return `${key}:released`;
}

function counterOf(key: string): string {
  return (hasHashTag(key) ? key : `{${key}}`) + COUNTER_SUFFIX;
}

/** Helper keys have a hash tag before their suffix: the key's own, or the whole key. */
export function isHelperKey(key: string): boolean {
  return key.endsWith(COUNTER_SUFFIX) && hasHashTag(key.slice(0, -COUNTER_SUFFIX.length));
}

/**
 * For Cluster nodes: no helper key of `a}b` can be in its slot, as `{a}b}` has the hash tag `a`.
 * @throws RangeError that names such a key
 */
export function requireSharedSlots({ keys }: LockKeys): void {
  for (const key of keys) {
    if (hasHashTag(key) || !key.includes('}')) continue;
    throw new RangeError(
      `The key ${JSON.stringify(key)} has a } but no hash tag, so on a Cluster its fencing counter ` +
        'cannot share its slot; choose another name, add a hash tag, or set fencing: false',
    );
  }
}

/** Redis Cluster specification: what is between the first `{` and the first `}` after it, if not empty. */
function hasHashTag(key: string): boolean {
  const open = key.indexOf('{');
  return open >= 0 && key.indexOf('}', open + 1) > open + 1;
}
