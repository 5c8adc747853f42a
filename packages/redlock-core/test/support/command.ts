import { findProgram } from '../../src/protocol/program.js';
import type { Operation } from '../../src/protocol/operation.js';
import type { TestServer } from './test-server.js';

export type Kind = Operation['kind'];

const KINDS: Readonly<Record<string, Kind>> = {
  g: 'grant',
  a: 'adopt',
  e: 'extend',
  c: 'confirm',
  h: 'heal',
  r: 'release',
  // Those that leave the keys to another token: with keepFor, and of an adoption that has failed.
  k: 'release',
  s: 'release',
  i: 'inspect',
};

/** Like operations in a command's arguments, as the program reads them. */
interface Section {
  readonly kind: Kind;
  readonly fenced: boolean;
  /** Keys of each. */
  readonly resources: number;
  /** In ms; 0 where there is none. */
  readonly ttl: number;
  /** Where the expiries are in the command's arguments. */
  readonly expiriesAt: readonly number[];
  /** Where the operations are: a token and, with fencing, a number each. */
  readonly at: number;
  /** Each leaves the keys to the token that follows its own. */
  readonly leaves: boolean;
  /** Arguments of each. */
  readonly width: number;
  readonly count: number;
}

/** @param args of a command: name, script or digest, number of keys, keys, arguments */
export function* sectionsOf(args: readonly string[]): Generator<Section> {
  for (let at = 3 + Number(args[2]); at < args.length;) {
    const [what = '', number, ttl] = args.slice(at, at + 3);
    const letter = what.charAt(0).toLowerCase();
    const kind = KINDS[letter];
    const count = Number(number);
    if (!kind || !(count <= args.length)) throw new Error(`No operations: ${what} ${number}`);
    // A capital letter: with fencing.
    const fenced = !what.startsWith(letter);
    const expires = !'ris'.includes(letter);
    const expiriesAt = [...(expires ? [at + 2] : []), ...(fenced ? [at + 3] : [])];
    at += 2 + expiriesAt.length;
    const resources = Number(what.slice(1) || 1);
    // A token; a fence; another token; channels.
    const width =
      1 + (fenced ? 1 : 0) + ('aks'.includes(letter) ? 1 : 0) + (letter === 'r' ? resources : 0);
    const leaves = 'ks'.includes(letter);
    const life = expires ? Number(ttl) : 0;
    yield { kind, fenced, resources, ttl: life, expiriesAt, at, leaves, width, count };
    at += count * width;
  }
}

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
  ) {}

  get answered(): boolean {
    return this.command.answered;
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
    if (code !== (name === 'eval' ? program?.source : program?.sha)) {
      throw new Error(`No script of ours: ${name} ${code}`);
    }
    this.whole = name === 'eval';
    this.operations = [...this.#parse()];
    this.replied = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
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
    let keyAt = 3;
    for (const { kind, fenced, resources, ttl, at, leaves, width, count } of sectionsOf(
      this.args,
    )) {
      for (let each = 0; each < count; each++) {
        const [token = '', next = ''] = this.args.slice(at + each * width);
        const keys = this.args.slice(keyAt, keyAt + resources);
        const counters = fenced ? this.args.slice(keyAt + resources, keyAt + 2 * resources) : [];
        yield new CommandOperation(
          this,
          kind,
          keys,
          counters,
          token,
          ttl,
          fenced ? Number(next) : null,
          leaves ? next : null,
        );
        keyAt += resources * (fenced ? 2 : 1);
      }
    }
  }
}
