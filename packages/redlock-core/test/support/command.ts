import { decode, type EncodedOperation } from '../../src/protocol/commands.js';
import { SCRIPTS } from '../../src/protocol/script/index.js';
import type { TestServer } from './test-server.js';

/** What a node is asked to do with keys. */
export type Verb = 'acquire' | 'extend' | 'release' | 'inspect';

const VERBS: Readonly<Record<EncodedOperation['verb'], Verb>> = {
  a: 'acquire',
  e: 'extend',
  r: 'release',
  i: 'inspect',
};

/** Selects operations: by their verb, or by what they say. */
export type Which = Verb | ((operation: CommandOperation) => boolean);

/** One of the operations in a command. */
export class CommandOperation {
  readonly verb: Verb;
  /** Whether it can create keys: a full server denies it. A repair is an `extend` that does. */
  readonly creates: boolean;
  readonly keys: readonly string[];
  readonly token: string;

  constructor(
    readonly command: Command,
    { verb, repairs, keys, token }: EncodedOperation,
  ) {
    this.verb = VERBS[verb];
    this.creates = verb === 'a' || repairs;
    this.keys = keys;
    this.token = token;
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
    const [name = '', code = '', ...rest] = args;
    const script = SCRIPTS.find(({ source, sha }) => code === (name === 'eval' ? source : sha));
    if (!script) throw new Error(`No script of ours: ${name} ${code}`);
    this.whole = name === 'eval';
    const { operations } = decode({ script, args: rest });
    this.operations = operations.map((each) => new CommandOperation(this, each));
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
