import type { GuardedNode } from '../node/guarded-node.js';
import { afterPromises } from '../time/runtime.js';
import { ServerCheck } from './server-check.js';
import type { Warning } from '../warning.js';
import { warningsOfCount } from './dangers.js';

/** Tells each warning once, and keeps it until somebody listens. Servers are not asked for any before that. */
export class Warnings {
  readonly #tell: (warning: Warning) => void;
  readonly #checks: readonly ServerCheck[];
  readonly #known = new Set<string>();
  #kept: Warning[] = [];
  #isHeard = false;

  /**
   * @param isTrusted whether nodes are trusted to keep every write
   * @param tell called only while somebody listens
   */
  constructor(nodes: readonly GuardedNode[], isTrusted: boolean, tell: (warning: Warning) => void) {
    this.#tell = tell;
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
    if (this.#isHeard) this.#tellAll();
  }

  /** Begins to tell, because somebody listens. */
  heard(): void {
    if (this.#isHeard) return;
    this.#isHeard = true;
    for (const check of this.#checks) check.begin();
    // Other listeners may be added in this very turn.
    afterPromises(() => this.#tellAll());
  }

  close(): void {
    for (const check of this.#checks) check.end();
  }

  #tellAll(): void {
    const warnings = this.#kept;
    this.#kept = [];
    for (const warning of warnings) this.#tell(warning);
  }
}
