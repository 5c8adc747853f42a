import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Address } from './clients.js';
import type { LibraryName } from './packages.js';

const SCRIPT = fileURLToPath(new URL('./party-main.js', import.meta.url));

/** An instruction to a party. */
export type Cue =
  | { readonly do: 'hold'; readonly resource: string; readonly ttl: number }
  | { readonly do: 'take'; readonly resource: string; readonly ttl: number; readonly ms: number }
  | { readonly do: 'release' };

/** A deed of a party, and its time in ms on the machine's clock. */
export interface Report {
  readonly did: 'ready' | 'granted' | 'told' | 'released' | 'failed';
  readonly at: number;
}

export interface PartyInput {
  readonly library: LibraryName;
  readonly nodes: readonly Address[];
}

/** A process with a library of its own, which locks when it is told to. */
export class Party implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** A party that is connected. */
  static async enter(input: PartyInput): Promise<Party> {
    const party = new Party(fork(SCRIPT, [JSON.stringify(input)]));
    await party.did('ready');
    return party;
  }

  cue(cue: Cue): void {
    this.#child.send(cue);
  }

  /**
   * Resolves with the time of a deed, the next from this call on.
   * @param limit in ms; rejects when it is over
   */
  async did(what: Report['did'], limit = 20_000): Promise<number> {
    const signal = AbortSignal.timeout(limit);
    for (;;) {
      const [report] = (await once(this.#child, 'message', { signal })) as [Report];
      if (report.did === what) return report.at;
    }
  }

  stop(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
