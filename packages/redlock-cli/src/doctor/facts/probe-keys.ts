import { nanoid } from 'nanoid';

/** A key or a channel that no lock has, and the pattern by which a Redis user is given the right to all of its kind. */
export interface Probed {
  readonly name: string;
  readonly pattern: string;
}

/** What a lock uses on a node. */
export interface ProbeKeys {
  readonly lock: Probed;
  readonly fencing: Probed;
  readonly waiting: Probed;
  readonly shared: Probed;
  readonly channel: Probed;
}

/**
 * @param keyPrefix of the Redlock
 * @param clientPrefix what the client itself puts before keys, and not before channels
 */
export function probeKeysOf(keyPrefix: string, clientPrefix: string): ProbeKeys {
  const key = `${keyPrefix}redlock-doctor-${nanoid()}`;
  const all = `${escaped(keyPrefix)}*`;
  const hasTag = /\{[^}]+\}/.test(key);
  const patternOf = (keys: string): string => `~${escaped(clientPrefix)}${keys}`;
  const pattern = patternOf(all);
  const helper = (suffix: string): Probed => {
    const [open, close] = hasTag ? ['', ':'] : ['{', '}'];
    return {
      name: `${open}${key}${close}:${suffix}`,
      // A user who is given all keys cannot be given some of them besides.
      pattern: pattern === '~*' ? pattern : patternOf(`${open}${all}${close}:${suffix}`),
    };
  };
  return {
    lock: { name: key, pattern },
    fencing: helper('fencing'),
    waiting: helper('waiting'),
    shared: helper('shared'),
    channel: { name: `redlock:notify:${nanoid()}`, pattern: '&redlock:notify:*' },
  };
}

function escaped(literal: string): string {
  return literal.replaceAll(/[*?[\]\\]/g, String.raw`\$&`);
}
