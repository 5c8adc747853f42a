import { isNativeGrant, operationsIn } from '../../src/protocol/encoded-operation.js';
import { findProgram } from '../../src/protocol/program.js';
import type { Operation } from '../../src/protocol/operation.js';
import type { TestServer } from './test-server.js';

export type Kind = Operation['kind'];

const KINDS: Readonly<Record<string, Kind>> = {
  g: 'grant',
  q: 'grant',
  p: 'grant',
  a: 'adopt',
  e: 'extend',
  c: 'confirm',
  h: 'heal',
  r: 'release',
  // Those that leave the keys to another token: with keepFor, and of an adoption that has failed.
  k: 'release',
  s: 'release',
  i: 'inspect',
  // Those of shared locks.
  b: 'grant',
  d: 'adopt',
  x: 'extend',
  u: 'heal',
  l: 'release',
  t: 'release',
};

/** What a node is asked to do with keys, in whatever words. */
export type Verb = 'acquire' | 'extend' | 'release' | 'inspect';

const VERBS: Readonly<Record<Kind, Verb>> = {
  grant: 'acquire',
  adopt: 'acquire',
  extend: 'extend',
  confirm: 'extend',
  heal: 'extend',
  release: 'release',
  leave: 'release',
  inspect: 'inspect',
};

/** Selects operations: by their verb, or by what they say. */
export type Which = Verb | ((operation: CommandOperation) => boolean);

/** One of the operations in a command. */
export class CommandOperation {
  constructor(
    readonly command: Command,
    readonly kind: Kind,
    readonly keys: readonly string[],
    readonly counters: readonly string[],
    readonly token: string,
    readonly ttl: number,
    /** A proposal or a fencing token; null without fencing. */
    readonly fence: number | null,
    /** Of a release: the token that it puts in the place of its own. */
    readonly successor: string | null,
    /** What it does in the queues, one for each key; none: nothing. */
    readonly entries: readonly string[],
  ) {}

  get verb(): Verb {
    return VERBS[this.kind];
  }

  get answered(): boolean {
    return this.command.answered;
  }

  is(which: Which): boolean {
    return typeof which === 'string' ? this.verb === which : which(this);
  }
}

/** A command that a node was given, to be executed and answered when a test says so. */
export class Command {
  /** Sent with the program's source, not by its digest. */
  readonly whole: boolean;
  readonly operations: readonly CommandOperation[];
  readonly replied: Promise<unknown>;
  #resolve: (reply: unknown) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #reply: Promise<unknown> | null = null;
  answered = false;

  constructor(
    readonly args: readonly string[],
    readonly server: TestServer,
  ) {
    const [name = '', code = ''] = args;
    const program = findProgram(code);
    const isOurs = code === (name === 'eval' ? program?.source : program?.sha);
    if (!isOurs && !isNativeGrant(args)) {
      throw new Error(`No script of ours: ${name} ${code}`);
    }
    this.whole = name === 'eval';
    this.operations = [...this.#parse()];
    this.replied = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Whether one of its operations is such a one. */
  does(which: Which): boolean {
    return this.operations.some((operation) => operation.is(which));
  }

  has(kind: Kind): boolean {
    return this.operations.some((operation) => operation.kind === kind);
  }

  /** The server acts on it; nobody hears of that yet. */
  execute(): void {
    this.#reply ??= this.server.run(this.args);
    this.#reply.catch(() => {});
  }

  /** Its reply arrives. */
  reply(): void {
    this.execute();
    this.answered = true;
    this.#resolve(this.#reply);
  }

  /** A reply arrives that is none of the server's. */
  replyWith(reply: unknown): void {
    this.answered = true;
    this.#resolve(reply);
  }

  /** The client rejects it. */
  fail(error: unknown): void {
    this.answered = true;
    this.#reject(error);
  }

  *#parse(): Generator<CommandOperation> {
    for (const encoded of operationsIn(this.args)) {
      const { letter, keys, counters, token, ttl, fence, other, entries } = encoded;
      const kind = KINDS[letter];
      if (!kind) throw new Error(`No operation: ${letter}`);
      const successor = 'kslt'.includes(letter) ? other : null;
      yield new CommandOperation(this, kind, keys, counters, token, ttl, fence, successor, entries);
    }
  }
}
