import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { endHelper, startHelper } from '../helper.js';
import type { JobInput } from '../jobs/index.js';

/** An instruction to an actor. */
export type Cue = 'take' | 'release' | 'die when called' | 'stop when called';

/** A deed of an actor, and its time in ms on the machine's clock. */
export interface Report {
  readonly did: 'granted' | 'released' | 'armed';
  readonly at: number;
}

/** Longer than any deed of an actor takes, in ms. */
const LIMIT = 20_000;

/** A process with its own redlock-core, which takes and releases one lock on instruction. */
export class Actor {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** An actor that is connected. */
  static async enter(input: JobInput<'act'>): Promise<Actor> {
    return new Actor(await startHelper('act', input));
  }

  get isDead(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Of its process, for what only the system knows. */
  get pid(): number {
    return this.#child.pid ?? NaN;
  }

  cue(cue: Cue): void {
    this.#child.send(cue);
  }

  /** Resolves with the time of a deed, the next from this call on. */
  async did(what: Report['did'], signal?: AbortSignal): Promise<number> {
    const limit = AbortSignal.timeout(LIMIT);
    const either = signal ? AbortSignal.any([signal, limit]) : limit;
    for (;;) {
      const [{ did, at }] = (await once(this.#child, 'message', { signal: either })) as [Report];
      if (did === what) return at;
    }
  }

  /** @returns when it did */
  async do(cue: Cue, what: Report['did']): Promise<number> {
    const done = this.did(what);
    this.cue(cue);
    return done;
  }

  async kill(): Promise<void> {
    await endHelper(this.#child);
  }
}
