import { extendScript } from '../../src/scripts/extend.js';
import { grantScript } from '../../src/scripts/grant.js';
import { inspectScript } from '../../src/scripts/inspect.js';
import { releaseScript } from '../../src/scripts/release.js';
import type { TestServer } from './test-server.js';

const SCRIPTS = {
  grant: grantScript,
  extend: extendScript,
  release: releaseScript,
  inspect: inspectScript,
};

export type Kind = keyof typeof SCRIPTS;

/** A command that a node was given, to be executed and answered when a test says so. */
export class Command {
  readonly kind: Kind;
  /** Sent with its source, not by its digest. */
  readonly whole: boolean;
  readonly keys: readonly string[];
  readonly token: string | undefined;
  readonly ttl: number;
  readonly replied: Promise<unknown>;
  #resolve: (reply: unknown) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #reply: Promise<unknown> | null = null;
  answered = false;

  constructor(
    readonly args: readonly string[],
    readonly server: TestServer,
  ) {
    const [name = '', code = '', count, ...rest] = args;
    this.kind = kindOf(code);
    this.whole = name === 'eval';
    this.keys = rest.slice(0, Number(count));
    const [token, ttl] = rest.slice(Number(count));
    this.token = token;
    this.ttl = Number(ttl);
    this.replied = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
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

  /** The client rejects it. */
  fail(error: unknown): void {
    this.answered = true;
    this.#reject(error);
  }
}

function kindOf(code: string): Kind {
  for (const [kind, { sha, source }] of Object.entries(SCRIPTS)) {
    if (code === sha || code === source) return kind as Kind;
  }
  throw new Error(`No script of ours: ${code}`);
}
