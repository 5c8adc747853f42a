import type { Events } from './events.js';
import type { GuardedNode } from './guarded-node.js';
import { afterPromises } from './runtime.js';
import { ServerCheck } from './server-check.js';
import { warningsOfCount, type Warning } from './warning.js';

/** Tells each warning once, and keeps it until somebody listens. Before that, servers are not asked for any. */
export class Warnings {
  readonly #events: Events;
  readonly #checks: readonly ServerCheck[];
  readonly #known = new Set<string>();
  #kept: Warning[] = [];
  #isHeard = false;

  /** @param isTrusted nodes are trusted to keep every write */
  constructor(nodes: readonly GuardedNode[], isTrusted: boolean, events: Events) {
    this.#events = events;
    const warn = (warning: Warning): void => this.warn(warning);
    this.#checks = nodes.map((node) => new ServerCheck(node, isTrusted, warn));
    for (const warning of warningsOfCount(nodes.length)) this.warn(warning);
  }

  warn(warning: Warning): void {
    const { code, node = '' } = warning;
    const id = `${code} ${node}`;
    if (this.#known.has(id)) return;
    this.#known.add(id);
    this.#kept.push(Object.freeze(warning));
    if (this.#isHeard) this.#tell();
  }

  /** Somebody listens. */
  heard(): void {
    if (this.#isHeard) return;
    this.#isHeard = true;
    for (const check of this.#checks) check.begin();
    // Others may begin to listen in this very turn.
    afterPromises(() => this.#tell());
  }

  close(): void {
    for (const check of this.#checks) check.end();
  }

  #tell(): void {
    const warnings = this.#kept;
    this.#kept = [];
    for (const warning of warnings) this.#events.emit('warning', warning);
  }
}
