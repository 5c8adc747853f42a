/** What a lock is on the nodes. */
export interface LockKeys {
  /** One for each resource, `keyPrefix + resource`: holds the token. */
  readonly keys: readonly string[];
  /** One for each key, in the same Cluster slot: the fencing counter. None without fencing. */
  readonly counters: readonly string[];
  /** One for each key: where its release is announced. */
  readonly channels: readonly string[];
}

const COUNTER_SUFFIX = ':fencing';

export function lockKeysOf(
  resources: readonly string[],
  keyPrefix: string,
  fencing: boolean,
): LockKeys {
  const keys = resources.map((resource) => keyPrefix + resource);
  return { keys, counters: fencing ? keys.map(counterOf) : [], channels: keys.map(channelOf) };
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
