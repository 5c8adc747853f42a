import {
  isNativeGrant,
  operationsIn,
  type EncodedOperation,
} from '../../src/protocol/encoded-operation.js';
import { findProgram } from '../../src/protocol/program.js';
import type { TestServer } from './test-server.js';

/** What a node is asked to do with keys, in whatever words. */
export type Verb = 'acquire' | 'extend' | 'release' | 'inspect';

/** The verbs of today's letters, those of shared locks and permits included. */
const LETTERS: Readonly<Record<Verb, string>> = {
  acquire: 'gqpbad',
  extend: 'echxu',
  release: 'rkslt',
  inspect: 'i',
};

function verbOf(letter: string): Verb {
  const verb = (Object.keys(LETTERS) as Verb[]).find((each) => LETTERS[each].includes(letter));
  if (!verb) throw new Error(`No operation: ${letter}`);
  return verb;
}

/** Selects operations: by their verb, or by what they say. */
export type Which = Verb | ((operation: CommandOperation) => boolean);

/** One of the operations in a command. */
export class CommandOperation {
  readonly verb: Verb;
  /** Whether it can create keys: a full server denies it. A repair is an `extend` that does. */
  readonly creates: boolean;
  readonly keys: readonly string[];
  readonly token: string;
  /** What it does in today's queues, one for each key: for test/waiting only. */
  readonly entries: readonly string[];

  constructor(
    readonly command: Command,
    { letter, keys, token, entries }: EncodedOperation,
  ) {
    this.verb = verbOf(letter);
    this.creates = this.verb === 'acquire' || 'hu'.includes(letter);
    this.keys = keys;
    this.token = token;
    this.entries = entries;
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
    this.operations = [...operationsIn(args)].map((each) => new CommandOperation(this, each));
    this.replied = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Whether one of its operations is such a one. */
  does(which: Which): boolean {
    return this.operations.some((operation) => operation.is(which));
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
}
