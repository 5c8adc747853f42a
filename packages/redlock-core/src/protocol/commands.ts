import type { Operation, QueueTerms } from './operations.js';
import {
  SMALL_ACQUIRE_SCRIPT,
  SMALL_RELEASE_SCRIPT,
  LARGE_SCRIPT,
  type Script,
} from './script/index.js';

/**
 * How operations are encoded in one command, and decoded from it. The scripts, the memory server and the simulator
 * follow this file.
 *
 * The script for any operations takes them in sections. The operations of a section have the same opcode, so many keys
 * each, and the same expiries. An opcode is the first letter of a verb and one letter for each thing that is so:
 *
 * | letter | with | means | columns of keys | columns of arguments |
 * |-|-|-|-|-|
 * | (all) | | | keys | token |
 * | `f` | a, e | fenced | counters | fence |
 * | `s` | a, e, r | shared mode | sets | |
 * | `q` | a, r, i | acquire: looks into the queues; release: notifies the next; inspect: counts them | queues, for a and i also sets | |
 * | `t` | a | the caller has a ticket | | ticket; of one that is entered `ticket:lease:keep:mode:window:permits` |
 * | `t` | r | removes entries | | tickets with a space between |
 * | `p` | a | a permit of a semaphore; its queue is one for all | keys of all permits | |
 * | `o` | a, r | acquire: adopts the other token; release: leaves the keys to it, without an expiry as long as they had | | other token |
 * | `x` | r | the expiry is a time by the node's clock | | |
 * | `m` | e | repairs | | |
 *
 * `ARGV[1]` is `c` on a Cluster, where the number of receivers of a message is unknown, and otherwise empty. `ARGV[2]` is
 * the channel of the process that all tickets of the command belong to, or empty. Each section has a header of six
 * arguments: opcode, number of operations, keys of each, permits of each, expiry of the keys in ms, expiry of the counters
 * in ms (empty: none). Behind it come its columns of arguments, and its columns of keys come in the order f, q, s, p behind
 * the keys.
 *
 * A command of one acquire with one key that is fenced, exclusive and not entered, or of one plain release, runs a
 * small script: KEYS key, counter, queue; ARGV token, expiry, fence, expiry of the counter; or KEYS key, queue; ARGV
 * token, `c` or empty and, if entries are removed, channel and tickets.
 */
export interface Command {
  readonly script: Script;
  /** Number of keys, keys and arguments, as EVAL and EVALSHA take them. */
  readonly args: readonly string[];
}

/** How many arguments the header of a section has. */
const HEADER = 6;

/**
 * Shares operations out among sections: those that are written alike, in their order. Releases come first, so that none
 * overtakes what it makes room for.
 */
export function inSections<T extends { readonly operation: Operation }>(
  items: readonly T[],
): readonly (readonly T[])[] {
  if (items.length === 1) return [items];
  const sections = new Map<string, T[]>();
  for (const item of items) {
    const section = sectionOf(item.operation);
    const others = sections.get(section);
    if (others) others.push(item);
    else sections.set(section, [item]);
  }
  const all = [...sections.values()];
  if (all.length === 1) return all;
  const isRelease = ([first]: T[]): boolean => first?.operation.verb === 'release';
  return [...all.filter(isRelease), ...all.filter((section) => !isRelease(section))];
}

/**
 * @param sections as {@link inSections} makes them; replies come in this order
 * @param counterGrace for how long a fencing counter outlives the lock that raised it, in ms
 * @param isLarge whether an operation whose small script could not answer is sent again
 */
export function encode(
  sections: readonly (readonly { readonly operation: Operation }[])[],
  counterGrace: number,
  onCluster: boolean,
  isLarge = false,
): Command {
  const [only] = sections;
  if (!isLarge && sections.length === 1 && only?.length === 1) {
    const small = encodeSmall(only[0]?.operation, counterGrace, onCluster);
    if (small) return small;
  }
  const keys: string[] = [''];
  const argv: string[] = [onCluster ? 'c' : '', channelOf(sections)];
  for (const section of sections) encodeSection(section, counterGrace, keys, argv);
  keys[0] = String(keys.length - 1);
  for (const arg of argv) keys.push(arg);
  return { script: LARGE_SCRIPT, args: keys };
}

function encodeSmall(
  operation: Operation | undefined,
  counterGrace: number,
  onCluster: boolean,
): Command | null {
  if (!operation) return null;
  if (isSmallAcquire(operation)) return encodeSmallAcquire(operation, counterGrace);
  return isSmallRelease(operation) ? encodeSmallRelease(operation, onCluster) : null;
}

function encodeSection(
  items: readonly { readonly operation: Operation }[],
  counterGrace: number,
  keys: string[],
  argv: string[],
): void {
  const section = items.map(({ operation }) => operation);
  const [first] = section;
  if (!first) return;
  const opcode = opcodeOf(first);
  const { permits, expiry, ttl } = headerOf(first);
  const counterTtl = first.fence > 0 ? String(ttl + counterGrace) : '';
  const resources = first.keys.keys.length;
  argv.push(opcode, String(section.length), String(resources), String(permits), expiry, counterTtl);
  const has = (letter: string): boolean => opcode.includes(letter, 1);
  const addKeys = (of: (operation: Operation) => readonly string[]): void => {
    for (const operation of section) for (const key of of(operation)) keys.push(key);
  };
  const addArgs = (of: (operation: Operation) => string): void => {
    for (const operation of section) argv.push(of(operation));
  };
  addKeys(({ keys: { keys: own } }) => own);
  addArgs(({ token }) => token);
  if (has('f')) {
    addKeys(({ keys: { counters } }) => counters);
    addArgs(({ fence }) => String(fence));
  }
  if (has('q')) addKeys(({ keys: { queues } }) => queues);
  if (namesSets(opcode)) addKeys(({ keys: { sets } }) => sets);
  if (has('p')) addKeys(({ keys: { permitKeys } }) => permitKeys);
  if (has('t')) addArgs(({ queue, keys: { mode } }) => queueArg(queue, mode, permits));
  if (has('o')) addArgs(({ adopts, successor }) => adopts ?? successor?.token ?? '');
}

/** Whether a section names the sets of shared holders: in shared mode, and to name those who share a key. */
function namesSets(opcode: string): boolean {
  return opcode.includes('s', 1) || (opcode.includes('q', 1) && !opcode.startsWith('r'));
}

function queueArg(queue: QueueTerms | null, mode: string, permits: number): string {
  if (queue === null) return '';
  if ('tickets' in queue) return queue.tickets.join(' ');
  const { ticket, entry } = queue;
  if (entry === null) return String(ticket);
  const tail = `${mode === 'shared' ? 's' : 'x'}:${entry.window}:${permits > 0 ? permits : ''}`;
  return `${ticket}:${entry.lease}:${entry.keep}:${tail}`;
}

/** The channel of the tickets in a command. They are all of one process, which has one channel. */
function channelOf(sections: readonly (readonly { readonly operation: Operation }[])[]): string {
  for (const section of sections) {
    for (const { operation } of section) if (operation.queue) return operation.queue.channel;
  }
  return '';
}

/** Operations with the same section can be adjacent in a command. */
function sectionOf(operation: Operation): string {
  const { permits, expiry } = headerOf(operation);
  return `${opcodeOf(operation)} ${operation.keys.keys.length} ${permits} ${expiry}`;
}

function opcodeOf(operation: Operation): string {
  const { verb, keys, fence, adopts, repairs, successor, queue } = operation;
  let opcode = verb.charAt(0);
  if (fence > 0) opcode += 'f';
  if (keys.mode === 'shared' && verb !== 'inspect') opcode += 's';
  if (verb === 'acquire' && adopts === null && keys.queued) opcode += 'q';
  if (verb === 'inspect' && keys.queued) opcode += 'q';
  if (verb === 'release' && queue && keys.queued) opcode += 'q';
  if (queue && keys.queued && (!('tickets' in queue) || queue.tickets.length > 0)) opcode += 't';
  if (verb === 'acquire' && adopts === null && keys.permitKeys.length > 0) opcode += 'p';
  if (adopts !== null || successor) opcode += 'o';
  if (successor && successor.until !== 'unchanged' && 'at' in successor.until) opcode += 'x';
  if (repairs) opcode += 'm';
  return opcode;
}

function headerOf({ verb, keys, ttl, successor, adopts }: Operation): {
  permits: number;
  expiry: string;
  ttl: number;
} {
  const permits = verb === 'acquire' && adopts === null ? keys.permitKeys.length : 0;
  const until = successor?.until;
  if (until === 'unchanged') return { permits, expiry: '', ttl };
  if (until) return { permits, expiry: String('at' in until ? until.at : until.ms), ttl };
  const hasExpiry = verb === 'acquire' || verb === 'extend';
  return { permits, expiry: hasExpiry ? String(ttl) : '', ttl };
}

function isSmallAcquire({ verb, keys, fence, adopts, queue }: Operation): boolean {
  if (verb !== 'acquire' || fence === 0 || adopts !== null || keys.mode === 'shared') return false;
  if (!keys.queued || keys.semaphore || keys.keys.length > 1) return false;
  return queue === null || 'tickets' in queue || queue.entry === null;
}

function isSmallRelease({ verb, keys, queue, successor }: Operation): boolean {
  if (verb !== 'release' || keys.mode === 'shared' || keys.keys.length > 1) return false;
  return keys.queued && queue !== null && successor === null && keys.semaphore === null;
}

function encodeSmallAcquire(operation: Operation, counterGrace: number): Command {
  const { keys, token, ttl, fence } = operation;
  const [key = ''] = keys.keys;
  const [counter = ''] = keys.counters;
  const [queue = ''] = keys.queues;
  const args = [
    '3',
    key,
    counter,
    queue,
    token,
    String(ttl),
    String(fence),
    String(ttl + counterGrace),
  ];
  return { script: SMALL_ACQUIRE_SCRIPT, args };
}

function encodeSmallRelease({ keys, token, queue }: Operation, onCluster: boolean): Command {
  const [key = ''] = keys.keys;
  const [queueKey = ''] = keys.queues;
  const args = ['2', key, queueKey, token, onCluster ? 'c' : ''];
  const tickets = queueArg(queue, keys.mode, 0);
  if (queue && tickets !== '') args.push(queue.channel, tickets);
  return { script: SMALL_RELEASE_SCRIPT, args };
}

/** One operation as a command has it. */
export interface EncodedOperation {
  readonly verb: 'a' | 'e' | 'r' | 'i';
  readonly shared: boolean;
  readonly repairs: boolean;
  readonly keys: readonly string[];
  /** One for each key; none without fencing. */
  readonly counters: readonly string[];
  /** One for each key; none if the operation touches no queue. */
  readonly queues: readonly string[];
  /** One for each key; none if the operation has no use for them. */
  readonly sets: readonly string[];
  /** For acquire, of a semaphore: the keys of all permits. */
  readonly permitKeys: readonly string[];
  readonly token: string;
  /** The expiry of the keys in ms; null: none. */
  readonly ttl: number | null;
  /** Whether the expiry is a time by the node's clock. */
  readonly isAbsolute: boolean;
  /** The expiry of the counters in ms; 0 without fencing. */
  readonly counterTtl: number;
  /** Null without fencing. */
  readonly fence: number | null;
  /** The other token; null: there is none. */
  readonly other: string | null;
  /** For acquire: the caller's ticket, and how it is entered. */
  readonly ticketed: EncodedTicket | null;
  /** For release: the entries that are removed. */
  readonly leaving: { readonly channel: string; readonly tickets: readonly string[] } | null;
}

interface EncodedTicket {
  readonly ticket: string;
  readonly channel: string;
  /** null: the caller is not entered. */
  readonly entry: EncodedEntry | null;
}

interface EncodedEntry {
  /** In ms. */
  readonly lease: number;
  readonly keep: number;
  /** `mode:window:permits:channel` */
  readonly tail: string;
}

/** A command as a server reads it. */
export interface DecodedCommand {
  /** Whether it runs the small script for one acquire, which answers 0 if the large one must. */
  readonly isSmallAcquire: boolean;
  readonly onCluster: boolean;
  readonly operations: readonly EncodedOperation[];
}

/** Decodes a command, for imitations of a server. */
export function decode({ script, args }: Command): DecodedCommand {
  const count = Number(args[0]);
  const keys = args.slice(1, 1 + count);
  const argv = args.slice(1 + count);
  if (script === SMALL_ACQUIRE_SCRIPT) {
    const [key = '', counter = '', queue = ''] = keys;
    const [token = '', ttl, fence, counterTtl] = argv;
    const operation: EncodedOperation = {
      ...PLAIN,
      verb: 'a',
      keys: [key],
      counters: [counter],
      queues: [queue],
      token,
      ttl: Number(ttl),
      fence: Number(fence),
      counterTtl: Number(counterTtl),
    };
    return { isSmallAcquire: true, onCluster: false, operations: [operation] };
  }
  if (script === SMALL_RELEASE_SCRIPT) {
    const [key = '', queue = ''] = keys;
    const [token = '', flag, channel = '', tickets] = argv;
    const leaving = tickets === undefined ? null : { channel, tickets: tickets.split(' ') };
    const operation: EncodedOperation = {
      ...PLAIN,
      verb: 'r',
      keys: [key],
      queues: [queue],
      token,
      leaving,
    };
    return { isSmallAcquire: false, onCluster: flag === 'c', operations: [operation] };
  }
  return { isSmallAcquire: false, onCluster: argv[0] === 'c', operations: sectionsIn(keys, argv) };
}

const PLAIN = {
  shared: false,
  repairs: false,
  counters: [],
  sets: [],
  permitKeys: [],
  ttl: null,
  isAbsolute: false,
  counterTtl: 0,
  fence: null,
  other: null,
  ticketed: null,
  leaving: null,
} as const;

function sectionsIn(keys: readonly string[], argv: readonly string[]): EncodedOperation[] {
  const operations: EncodedOperation[] = [];
  const [, channel = ''] = argv;
  let key = 0;
  let arg = 2;
  while (arg < argv.length) {
    const [opcode = '', count, resources, permits, ttl, counterTtl] = argv.slice(arg, arg + HEADER);
    arg += HEADER;
    const length = Number(count);
    const has = (letter: string): boolean => opcode.includes(letter, 1);
    /** A column of keys, with so many for each operation; none if the opcode lacks it. */
    const keyColumn = (isThere: boolean, width: number): (readonly string[])[] =>
      Array.from({ length }, () => (isThere ? keys.slice(key, (key += width)) : []));
    const argColumn = (isThere: boolean): (string | null)[] =>
      Array.from({ length }, () => (isThere ? (argv[arg++] ?? '') : null));
    const width = Number(resources);
    const own = keyColumn(true, width);
    const counters = keyColumn(has('f'), width);
    const queues = keyColumn(has('q'), width);
    const sets = keyColumn(namesSets(opcode), width);
    const permitKeys = keyColumn(has('p'), Number(permits));
    const tokens = argColumn(true);
    const fences = argColumn(has('f'));
    const isRelease = opcode.startsWith('r');
    const tickets = argColumn(has('t'));
    const others = argColumn(has('o'));
    for (let i = 0; i < length; i++) {
      const ticket = tickets[i] ?? null;
      const fence = fences[i] ?? null;
      operations.push({
        verb: opcode.charAt(0) as EncodedOperation['verb'],
        shared: has('s'),
        repairs: has('m'),
        keys: own[i] ?? [],
        counters: counters[i] ?? [],
        queues: queues[i] ?? [],
        sets: sets[i] ?? [],
        permitKeys: permitKeys[i] ?? [],
        token: tokens[i] ?? '',
        ttl: ttl ? Number(ttl) : null,
        isAbsolute: has('x'),
        counterTtl: Number(counterTtl),
        fence: fence === null ? null : Number(fence),
        other: others[i] ?? null,
        ticketed: ticket === null || isRelease ? null : readTicket(ticket, channel),
        leaving: ticket === null || !isRelease ? null : { channel, tickets: ticket.split(' ') },
      });
    }
  }
  return operations;
}

function readTicket(arg: string, channel: string): EncodedTicket {
  const [ticket = '', lease, keep, ...tail] = arg.split(':');
  const entry =
    lease === undefined
      ? null
      : { lease: Number(lease), keep: Number(keep), tail: [...tail, channel].join(':') };
  return { ticket, channel, entry };
}
