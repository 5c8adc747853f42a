import { keyRange } from './key-range.js';

/** One operation as a command has it; script/batch.lua says what the arguments of scripts mean. */
export interface EncodedOperation {
  /** The letter of its kind, in lower case. */
  readonly letter: string;
  readonly keys: readonly string[];
  /** One for each key; none without fencing. */
  readonly counters: readonly string[];
  /** One for each key, if the kind has them. */
  readonly queues: readonly string[];
  /** The sets of shared holders: one for each key, if the kind has them. */
  readonly sets: readonly string[];
  readonly token: string;
  /** The expiry of the keys, in ms; 0: the kind has none. */
  readonly ttl: number;
  /** The expiry of the counters, in ms; 0 without fencing. */
  readonly counterTtl: number;
  /** Null without fencing. */
  readonly fence: number | null;
  /** The other token, if the kind has one. */
  readonly other: string;
  /** One for each key, if the kind has them; of a permit, behind its entry, how many permits there are. */
  readonly entries: readonly string[];
  /** Where the expiries of its section are in the command. */
  readonly expiriesAt: readonly number[];
}

/** Reads the operations of a command, for whatever stands in for a server. */
export function* operationsIn(command: readonly string[]): Generator<EncodedOperation> {
  if (isNativeGrant(command)) {
    yield nativeGrantIn(command);
    return;
  }
  let { start: key, end: arg } = keyRange(command);
  const nextKeys = (count: number): readonly string[] => command.slice(key, (key += count));
  const nextArgs = (count: number): readonly string[] => command.slice(arg, (arg += count));
  while (arg < command.length) {
    const [what = '', operations] = nextArgs(2);
    const letter = what.charAt(0).toLowerCase();
    const fenced = !what.startsWith(letter);
    const resources = Number(what.slice(1) || 1);
    const expiriesAt = [...(hasTtl(letter) ? [arg] : []), ...(fenced ? [arg + 1] : [])];
    const [ttl = 0, counterTtl = 0] = nextArgs(expiriesAt.length).map(Number);
    for (let left = Number(operations); left > 0; left--) {
      yield {
        letter,
        keys: nextKeys(resources),
        counters: nextKeys(fenced ? resources : 0),
        queues: nextKeys('qribp'.includes(letter) ? resources : 0),
        sets: nextKeys('gqribdxultp'.includes(letter) ? resources : 0),
        token: nextArgs(1).join(''),
        ttl,
        counterTtl,
        fence: fenced ? Number(nextArgs(1)) : null,
        other: nextArgs('aksdlt'.includes(letter) ? 1 : 0).join(''),
        entries: nextArgs(entriesOf(letter, resources)),
        expiriesAt,
      };
    }
  }
}

function entriesOf(letter: string, resources: number): number {
  if (letter === 'p') return 2;
  return 'qrb'.includes(letter) ? resources : 0;
}

function hasTtl(letter: string): boolean {
  return !'rist'.includes(letter);
}

/** Whether a command is a grant as `encodeNativeGrant` makes it. */
export function isNativeGrant([name]: readonly string[]): boolean {
  return name === 'set';
}

/** Reads such a grant. */
export function nativeGrantIn(command: readonly string[]): EncodedOperation {
  const [, key = '', token = '', , , , ttl] = command;
  return {
    letter: 'g',
    keys: [key],
    counters: [],
    queues: [],
    sets: [],
    token,
    ttl: Number(ttl),
    counterTtl: 0,
    fence: null,
    other: '',
    entries: [],
    expiriesAt: [6],
  };
}
