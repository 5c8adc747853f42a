/** One operation as a command's arguments have it; script/batch.lua says what they mean. */
export interface EncodedOperation {
  /** The letter of its kind, in lower case. */
  readonly letter: string;
  readonly keys: readonly string[];
  /** One for each key; none without fencing. */
  readonly counters: readonly string[];
  /** One for each key, if the kind has them. */
  readonly queues: readonly string[];
  readonly token: string;
  /** The expiry of the keys, in ms; 0: the kind has none. */
  readonly ttl: number;
  /** The expiry of the counters, in ms; 0 without fencing. */
  readonly counterTtl: number;
  /** Null without fencing. */
  readonly fence: number | null;
  /** The other token, if the kind has one. */
  readonly other: string;
  /** One for each key, if the kind has them. */
  readonly entries: readonly string[];
  /** Where the expiries of its section are among the arguments. */
  readonly expiriesAt: readonly number[];
}

/**
 * Reads the operations of a command, for whatever stands in for a server.
 * @param keys those of the command
 * @param args the arguments behind the keys
 */
export function* operationsIn(
  keys: readonly string[],
  args: readonly string[],
): Generator<EncodedOperation> {
  let key = 0;
  let arg = 0;
  const nextKeys = (count: number): readonly string[] => keys.slice(key, (key += count));
  const nextArgs = (count: number): readonly string[] => args.slice(arg, (arg += count));
  while (arg < args.length) {
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
        queues: nextKeys('qri'.includes(letter) ? resources : 0),
        token: nextArgs(1).join(''),
        ttl,
        counterTtl,
        fence: fenced ? Number(nextArgs(1)) : null,
        other: nextArgs('aks'.includes(letter) ? 1 : 0).join(''),
        entries: nextArgs('qr'.includes(letter) ? resources : 0),
        expiriesAt,
      };
    }
  }
}

function hasTtl(letter: string): boolean {
  return !'ris'.includes(letter);
}
