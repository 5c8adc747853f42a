import { createHash } from 'node:crypto';
import { jest } from '@jest/globals';
import { memoryNode } from 'redlock-core/memory';
import { isNativeGrant, operationsIn } from '../../src/protocol/encoded-operation.js';
import type { Kind } from './command.js';
import { commandOf } from './operations.js';

const FOR_EVER = 2 ** 40;

let starts = 0;

function newRunId(): string {
  return `run${++starts}`;
}

/**
 * A memory node believes whichever of the process's two clocks has gone further since the node was made. This one
 * was made when the monotonic clock was 0 and the wall clock far ahead, so its keys expire by the monotonic clock
 * alone, and to the millisecond: the fraction of a real clock would make a sum of times larger or smaller.
 */
function newNode() {
  const clocks = [
    jest.spyOn(performance, 'now').mockReturnValue(0),
    jest.spyOn(Date, 'now').mockReturnValue(FOR_EVER * 4),
  ];
  try {
    return memoryNode({ name: 'inside' });
  } finally {
    for (const clock of clocks) clock.mockRestore();
  }
}

/**
 * An in-memory server that has to be shown a script before it knows its digest. Keys stay until
 * somebody deletes them, unless a test rules the clock by which they expire, so that no test depends
 * on how long it takes.
 */
export class TestServer {
  /** What TIME says, in ms. */
  clock: () => number = () => Date.now();
  /** The monotonic clock by which keys expire, in ms. */
  expiry: (() => number) | null = null;
  /** As INFO says. */
  runId = newRunId();
  /** In seconds; by default it was there before everybody. */
  uptime = 1_000_000;
  #node = newNode();
  #digests = new Set<string>();

  run(args: readonly string[]): Promise<unknown> {
    const [name, code = ''] = args;
    if (name === 'eval') this.#digests.add(createHash('sha1').update(code).digest('hex'));
    else if (!isNativeGrant(args) && !this.#digests.has(code))
      return Promise.reject(new Error('NOSCRIPT No matching script.'));
    if (this.expiry) return this.#call(args);
    const lasting = [...args];
    for (const { expiriesAt } of operationsIn(args)) {
      for (const at of expiriesAt) lasting[at] = String(FOR_EVER);
    }
    return this.#call(lasting);
  }

  /** Calls `listener` with each message on a channel, until the result is called. */
  subscribe(channel: string, listener: (message: string) => void): () => void {
    const end = this.#node.subscribe?.(channel, (message) => {
      if (message !== undefined) listener(message);
    });
    return () => end?.();
  }

  /** The reply to INFO server. */
  get info(): string {
    return `# Server\r\nrun_id:${this.runId}\r\nuptime_in_seconds:${this.uptime}\r\n`;
  }

  /** It starts again, without its data. */
  restart(): void {
    this.#node = newNode();
    this.#digests = new Set();
    this.runId = newRunId();
    this.uptime = 0;
  }

  /** SCRIPT FLUSH */
  flushScripts(): void {
    this.#digests = new Set();
  }

  async holderOf(key: string): Promise<string | null> {
    const [holder] = (await this.#run('inspect', key)) as [string | null, number];
    return holder;
  }

  /** Gives the key to somebody else, or to nobody. */
  async steal(key: string, token?: string): Promise<void> {
    const holder = await this.holderOf(key);
    if (holder !== null) await this.#run('release', key, holder);
    if (token !== undefined) await this.#run('grant', key, token);
  }

  /** Another client, which calls nobody, deletes the key. */
  async delete(key: string): Promise<void> {
    const token = (await this.holderOf(key)) ?? '';
    const release = { kind: 'release', resources: [key], token, entries: ['='] } as const;
    await this.#call(commandOf([release]));
  }

  /** How many processes are in the queue of a semaphore. */
  async waitingFor(semaphore: string): Promise<number> {
    const resources = [`{${semaphore}}:permit:0`];
    const reply = await this.#call(commandOf([{ kind: 'inspect', resources, permits: 1 }]));
    return (reply as [unknown, number, number])[2];
  }

  /** The fencing counter of a key; null: none. */
  async counterOf(key: string): Promise<number | null> {
    const value = await this.holderOf(`{${key}}:fencing`);
    return value === null ? null : Number(value);
  }

  /** Drives the fencing counter of a key somewhere, or takes it away. */
  async setCounter(key: string, value?: number): Promise<void> {
    await this.steal(`{${key}}:fencing`, value === undefined ? undefined : String(value));
  }

  #run(kind: Kind, key: string, token = ''): Promise<unknown> {
    return this.#call(commandOf([{ kind, resources: [key], token, ttl: FOR_EVER }]));
  }

  /** The memory node's clock is the process's, which is this server's for as long as it runs. */
  #call(args: readonly string[]): Promise<unknown> {
    const now = this.clock();
    const clocks = [jest.spyOn(Date, 'now').mockReturnValue(now)];
    if (this.expiry) clocks.push(jest.spyOn(performance, 'now').mockReturnValue(this.expiry()));
    try {
      return this.#node.call(args);
    } finally {
      for (const clock of clocks) clock.mockRestore();
    }
  }
}
