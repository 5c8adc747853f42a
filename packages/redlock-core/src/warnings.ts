import type { RedlockWarning } from './events.js';
import type { GuardedNode } from './node/guarded-node.js';
import { afterPromises } from './time/runtime.js';

/** Emits each warning once, and keeps it until there is a listener. No server is queried before that. */
export class Warnings {
  readonly #emit: (warning: RedlockWarning) => void;
  readonly #checks: readonly ServerCheck[];
  readonly #known = new Set<string>();
  #kept: RedlockWarning[] = [];
  #hasListeners = false;

  /**
   * @param isTrusted whether nodes are trusted to keep every write
   * @param emit is called only while there are listeners
   */
  constructor(
    nodes: readonly GuardedNode[],
    isTrusted: boolean,
    emit: (warning: RedlockWarning) => void,
  ) {
    this.#emit = emit;
    const warn = (warning: RedlockWarning): void => this.warn(warning);
    this.#checks = nodes.map((node) => new ServerCheck(node, isTrusted, warn));
    for (const warning of warningsOfCount(nodes.length)) this.warn(warning);
  }

  warn(warning: RedlockWarning): void {
    const { code, node = '' } = warning;
    const id = `${code} ${node}`;
    if (this.#known.has(id)) return;
    this.#known.add(id);
    this.#kept.push(Object.freeze(warning));
    if (this.#hasListeners) this.#emitAll();
  }

  /** Begins to emit, because there is a listener. */
  begin(): void {
    if (this.#hasListeners) return;
    this.#hasListeners = true;
    for (const check of this.#checks) check.begin();
    // Other listeners may be added in this very turn.
    afterPromises(() => this.#emitAll());
  }

  close(): void {
    for (const check of this.#checks) check.end();
  }

  #emitAll(): void {
    const warnings = this.#kept;
    this.#kept = [];
    for (const warning of warnings) this.#emit(warning);
  }
}

/** Checks once, when a node is connected, whether its servers are set up to keep what is written to them. */
class ServerCheck {
  readonly #node: GuardedNode;
  readonly #isTrusted: boolean;
  readonly #warn: (warning: RedlockWarning) => void;
  #stopListening: (() => void) | null = null;

  /** @param isTrusted whether the node is trusted to keep every write */
  constructor(node: GuardedNode, isTrusted: boolean, warn: (warning: RedlockWarning) => void) {
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

/**
 * Warnings about the number of nodes.
 * @param count how many nodes there are
 */
function warningsOfCount(count: number): readonly RedlockWarning[] {
  const warnings: RedlockWarning[] = [];
  if (count < 3) {
    warnings.push({
      code: 'FEW_NODES',
      message:
        `With ${count} ${count === 1 ? 'node' : 'nodes'} no failure is tolerated. ` +
        'Use three or five nodes.',
    });
  }
  if (count % 2 === 0) {
    warnings.push({
      code: 'EVEN_NODES',
      message: `${count} nodes tolerate as many failures as ${count - 1}. Use an odd number of nodes.`,
    });
  }
  return warnings;
}

/**
 * The warning that a ttl is longer than the quarantine time that the user chose.
 * @param quarantineTime in ms
 * @param ttl in ms
 */
export function shortQuarantine(quarantineTime: number, ttl: number): RedlockWarning {
  return {
    code: 'QUARANTINE_TOO_SHORT',
    message:
      `a ttl of ${ttl} ms is used, and quarantineTime is ${quarantineTime} ms: a node that restarts without its ` +
      'data would grant locks that are still held; make quarantineTime no shorter than any ttl',
  };
}

/**
 * Warnings about a server of a node.
 * @param info what the server's `INFO` says about memory and persistence
 * @param isTrusted whether nodes are trusted to keep every write, so that there is no quarantine
 */
function warningsOfServer(
  node: string,
  info: string,
  isTrusted: boolean,
): readonly RedlockWarning[] {
  const warnings: RedlockWarning[] = [];
  const policy = /^maxmemory_policy:(\S+?)\r?$/m.exec(info)?.[1];
  if (policy !== undefined && policy !== 'noeviction') {
    warnings.push({
      node,
      code: 'EVICTION',
      message:
        `maxmemory-policy is ${policy}: a server that is short of memory would drop locks that are held; ` +
        'set it to noeviction',
    });
  }
  if (isTrusted && /^aof_enabled:0\r?$/m.test(info)) {
    warnings.push({
      node,
      code: 'NO_PERSISTENCE',
      message:
        'quarantine is false and the server writes no append-only file: after a restart it would grant locks that ' +
        'are still held; leave quarantine on, or set appendonly yes and appendfsync always',
    });
  }
  return warnings;
}
