import { AsyncLocalStorage } from 'node:async_hooks';
import { parseAcquireOptions, parseTryAcquireOptions } from './settings/acquire-settings.js';
import { acquire, adopt, tryAcquire } from './lock/acquisition.js';
import { parseCloseOptions } from './settings/close-options.js';
import { parseConnectOptions } from './settings/connect-options.js';
import { connect } from './lock/connection.js';
import type { Redlock as Contract, RedlockConstructor, Routine } from './contract.js';
import type { Core } from './lock/core.js';
import { GuardedNode } from './node/guarded-node.js';
import type { EventName, Listener } from './events.js';
import { Emitter } from './lock/emitter.js';
import type { Inspection } from './inspection.js';
import { inspection } from './lock/inspection.js';
import { lockKeysOf, requireSharedSlot } from './protocol/lock-keys.js';
import type { Hold } from './lock/lease.js';
import { HeldLock, holdsOf } from './lock/handle.js';
import type { Lock } from './lock.js';
import { parseNodes } from './settings/node-list.js';
import type {
  AcquireOptions,
  CloseOptions,
  ConnectOptions,
  RedlockOptions,
  TryAcquireOptions,
} from './options.js';
import { Quorum } from './quorum/quorum.js';
import type { RedisNode } from './redis-node.js';
import type { Request } from './attempt/request.js';
import { reenter } from './lock/reentry.js';
import { parseResources } from './protocol/resource.js';
import { retraced } from './lock/retraced.js';
import { systemRuntime, type Runtime } from './time/runtime.js';
import { parseRedlockOptions } from './settings/settings.js';
import { parseTtl } from './settings/ttl.js';
import { Announcements } from './waiting/announcements.js';
import { WaitingLines } from './waiting/waiting-lines.js';
import { shortQuarantine } from './warnings/dangers.js';
import { Warnings } from './warnings/warnings.js';
import { Watch } from './lock/watchdog.js';

export type Redlock = Contract;

export const Redlock: RedlockConstructor = class implements Contract {
  readonly #core: Core;
  readonly #clusters: readonly GuardedNode[];
  readonly #warnings: Warnings;
  readonly #closing = new AbortController();
  /** By async context: what the `using` routines around it hold, where they may be re-entered. */
  readonly #owned = new AsyncLocalStorage<readonly Hold[]>();
  /** What `using` routines work under. */
  readonly #working = new Set<Lock>();
  /** Under way. */
  #attempts = 0;
  #onIdle: (() => void) | null = null;
  #closed: Promise<void> | null = null;

  constructor(
    nodes: Iterable<RedisNode>,
    options?: RedlockOptions,
    runtime: Runtime = systemRuntime,
  ) {
    const settings = parseRedlockOptions(options);
    const events = new Emitter();
    const list = parseNodes(nodes).map((node) => new GuardedNode(node));
    this.#clusters = list.filter(({ cluster }) => cluster);
    const { quarantine, quarantineTime } = settings;
    const warnings = new Warnings(list, quarantine === false, (warning) =>
      events.emit('warning', warning),
    );
    this.#warnings = warnings;
    const quorum = new Quorum(list, settings, runtime, {
      failed: (node, error) => events.emit('nodeFailed', { node, error }),
      recovered: (node) => events.emit('nodeRecovered', { node }),
      quarantined: (node, ms) => events.emit('nodeQuarantined', { node, ms }),
      trusted: (node) => events.emit('nodeTrusted', { node }),
      exceeded: (ttl) => warnings.warn(shortQuarantine(quarantineTime ?? 0, ttl)),
    });
    const { signal: closed } = this.#closing;
    const announcements = new Announcements(list, runtime);
    const lines = new WaitingLines(runtime, announcements, closed);
    const watch = new Watch<Hold>(runtime);
    this.#core = { quorum, settings, events, runtime, announcements, lines, watch, closed };
  }

  async acquire(
    resources: string | readonly string[],
    ttl: number,
    options?: AcquireOptions,
  ): Promise<Lock> {
    return await this.#obtain<never>(this.#request(resources, ttl, options), acquire);
  }

  async tryAcquire(
    resources: string | readonly string[],
    ttl: number,
    options?: TryAcquireOptions,
  ): Promise<Lock | null> {
    const request = this.#request(resources, ttl, options, parseTryAcquireOptions);
    return await this.#obtain(request, tryAcquire);
  }

  async using<T>(
    resources: string | readonly string[],
    ttl: number,
    ...rest: [Routine<T>] | [AcquireOptions, Routine<T>]
  ): Promise<T> {
    const [options, routine] = rest.length === 1 ? [undefined, rest[0]] : rest;
    if (typeof routine !== 'function') throw new TypeError('routine must be a function');
    const request = {
      ...this.#request(resources, ttl, options),
      autoExtend: true,
      forRoutine: true,
    };
    const lock = await this.#obtain<never>(request, acquire);
    try {
      const run = (): T | Promise<T> => routine(lock.signal, lock);
      this.#working.add(lock);
      const result = await (request.reentrant ? this.#owned.run(this.#owning(lock), run) : run());
      // Read once more: the validity may have ended in this very turn, before any timer ran.
      for (const hold of holdsOf(lock)) {
        hold.remaining();
        if (hold.loss) throw retraced(hold.loss);
      }
      return result;
    } finally {
      this.#working.delete(lock);
      await lock.release();
    }
  }

  async adopt(
    resources: string | readonly string[],
    token: string,
    ttl: number,
    options?: AcquireOptions,
  ): Promise<Lock> {
    if (typeof token !== 'string') throw new TypeError('token must be a string');
    if (token === '') throw new RangeError('token must not be an empty string');
    const request = { ...this.#request(resources, ttl, options), reentrant: false };
    return await this.#obtain<never>(request, (core, wanted) => adopt(core, wanted, token));
  }

  async inspect(resource: string): Promise<Inspection> {
    return inspection(this.#core, resource);
  }

  on<E extends EventName>(event: E, listener: Listener<E>): this {
    this.#core.events.on(event, listener);
    if (event === 'warning') this.#warnings.heard();
    return this;
  }

  off<E extends EventName>(event: E, listener: Listener<E>): this {
    this.#core.events.off(event, listener);
    return this;
  }

  async connect(options?: ConnectOptions): Promise<void> {
    await connect(this.#core, parseConnectOptions(options));
  }

  async close(options?: CloseOptions): Promise<void> {
    const release = parseCloseOptions(options);
    this.#closing.abort();
    for (const lock of this.#working) for (const hold of holdsOf(lock)) hold.abandon();
    const held = release ? [...this.#core.watch.held] : [];
    const released = Promise.all(held.map((hold) => hold.surrender()));
    this.#closed ??= this.#close(released);
    await Promise.all([this.#closed, released]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Attempts under way end first, or what they got would stay on nodes whose client is closed.
   * @param released what was held is
   */
  async #close(released: Promise<unknown>): Promise<void> {
    // In use it would cost every promise of the process something, for ever.
    this.#owned.disable();
    this.#core.announcements.close();
    this.#warnings.close();
    if (this.#attempts > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    await released;
    await this.#core.quorum.close();
  }

  /**
   * Counts as under way meanwhile; `finally` counts, and no `then`: V8 shows the async callers in an error's stack
   * only while each promise between has one reaction.
   * @param take takes from the nodes what the caller does not own already
   */
  async #obtain<N extends null>(
    request: Request,
    take: (core: Core, request: Request) => Promise<Hold | N>,
  ): Promise<Lock | N> {
    this.#attempts++;
    try {
      const { owned } = request;
      if (!request.reentrant || !owned) {
        const hold = await take(this.#core, request);
        return hold === null ? hold : hold.lock;
      }
      const holds = await reenter(this.#core, request, owned, (lacking) =>
        take(this.#core, lacking),
      );
      if (holds === null) return holds;
      return new HeldLock(request.resources, holds, this.#core.settings.driftFactor);
    } finally {
      if (--this.#attempts === 0) this.#onIdle?.();
    }
  }

  /** Each once, and nothing that is over: contexts may be nested without end. */
  #owning(lock: Lock): readonly Hold[] {
    const around = this.#owned.getStore() ?? [];
    return [...new Set([...around.filter((hold) => hold.remaining() > 0), ...holdsOf(lock)])];
  }

  #request(
    resources: string | readonly string[],
    ttl: number,
    options: AcquireOptions | undefined,
    parse = parseAcquireOptions,
  ): Request {
    const { settings } = this.#core;
    const parsed = parseResources(resources, settings.keyPrefix);
    const acquireSettings = parse(options, settings.acquire);
    const lockKeys = lockKeysOf(parsed, settings.keyPrefix, acquireSettings.fencing);
    for (const cluster of this.#clusters) requireSharedSlot(lockKeys, parsed, cluster);
    return {
      resources: parsed,
      lockKeys,
      ttl: parseTtl(ttl, settings.driftFactor),
      above: 0,
      forRoutine: false,
      owned: this.#owned.getStore(),
      ...acquireSettings,
    };
  }
};
