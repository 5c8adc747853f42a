import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Address } from '../subject.js';
import type { Cue, Report } from './cue.js';

const SCRIPT = fileURLToPath(new URL('./actor-main.js', import.meta.url));
/** Longer than anything takes that an actor is told to do. */
const LIMIT = 20_000;

/** A process with a redlock-core of its own, which takes and releases one lock when it is told to. */
export class Actor {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** An actor that is connected. */
  static async enter(nodes: readonly Address[], resource: string, ttl: number): Promise<Actor> {
    const child = fork(SCRIPT, [JSON.stringify({ nodes, resource, ttl })]);
    const actor = new Actor(child);
    await once(child, 'message', { signal: AbortSignal.timeout(LIMIT) });
    return actor;
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
    if (this.isDead) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
