import type { GuardedNode } from '../node/guarded-node.js';
import type { Warning } from '../warning.js';
import { warningsOfServer } from './dangers.js';

/** Checks once, when a node is connected, whether its servers are set up to keep what is written to them. */
export class ServerCheck {
  readonly #node: GuardedNode;
  readonly #isTrusted: boolean;
  readonly #warn: (warning: Warning) => void;
  #stopListening: (() => void) | null = null;

  /** @param isTrusted whether the node is trusted to keep every write */
  constructor(node: GuardedNode, isTrusted: boolean, warn: (warning: Warning) => void) {
    this.#node = node;
    this.#isTrusted = isTrusted;
    this.#warn = warn;
  }

  begin(): void {
    this.#stopListening = this.#node.onReady(() => void this.#check());
    if (this.#node.ready) void this.#check();
  }

  end(): void {
    this.#stopListening?.();
    this.#stopListening = null;
  }

  async #check(): Promise<void> {
    // Redis 6 takes one section at a time.
    const sections = this.#isTrusted ? ['memory', 'persistence'] : ['memory'];
    try {
      const replies = await Promise.all(
        sections.map((section) => this.#node.callServers(['INFO', section])),
      );
      this.end();
      for (const info of replies.flat()) {
        const warnings = warningsOfServer(this.#node.name, String(info), this.#isTrusted);
        for (const warning of warnings) this.#warn(warning);
      }
    } catch {
      // The user may lack the right to ask, or the connection has ended. Locks do not depend on the answer.
    }
  }
}
