import type { AcquireOptions, Lock, LockMode } from '../core.js';
import type { ClientProcess, ValidityEnds } from '../world/process.js';
import type { World } from '../world/world.js';

/** One handle on a lock that a process has, or had. */
export class Holding {
  ends: ValidityEnds | null = null;
  /** The fencing token when last looked at. */
  fencingToken = 0;
  readonly grantedToken: number;
  /** A handle that the caller of the first one got by re-entry has the same owner. */
  owner: Holding = this;
  /**
   * Adoptions of it that have begun and have not failed: whether its holder still lives is not the lock's
   * business meanwhile.
   */
  adoptions = 0;
  detached = false;
  /** Until when it is extended automatically, on the monotonic clock. */
  extendedUntil = -Infinity;
  /** How many explicit extensions of it are under way. */
  extending = 0;
  /** When the latest of them ended, in true time. */
  extendingEndedAt = -Infinity;
  /** The caller has asked for it again. */
  reentered = false;
  longestAsked = 0;
  shortestAsked = Infinity;
  /** Not 0: its keys were to stay. */
  keptFor = 0;
  released: { readonly at: number; readonly believed: boolean } | null = null;
  losses = 0;
  /** Since when its process could have noticed that its validity has ended, on its monotonic clock. */
  endedSince: number | null = null;

  /**
   * As a holder has it that took it at once. A signal that is only asked for when it is too late is
   * aborted already.
   */
  readonly signal: AbortSignal | null;

  /** @param takesSignal whether the holder does */
  constructor(
    readonly process: ClientProcess,
    readonly lock: Lock,
    /** In true time. */
    readonly since: number,
    readonly first: boolean,
    takesSignal: boolean,
  ) {
    this.grantedToken = lock.fencingToken;
    this.signal = takesSignal ? lock.signal : null;
  }

  get mode(): LockMode {
    return this.lock.mode;
  }

  get token(): string {
    return this.lock.token;
  }

  /** Whether the holder, if it looked at its clocks now, would say that the lock is its own. */
  get believed(): boolean {
    const { ends, process } = this;
    if (!ends || process.crashed) return false;
    return ends.mono > process.readMono() && ends.wall > Math.floor(process.wall.read());
  }

  get description(): string {
    const { resources, token, mode, fencingToken } = this.lock;
    const sharing = mode === 'shared' ? ', shared' : '';
    const fencing = fencingToken > 0 ? `, #${fencingToken}` : '';
    return `${resources.join('+')} as ${token}${sharing}${fencing}`;
  }

  /** Looks what the lock itself says. */
  update(): void {
    this.ends = this.process.endsOf(() => this.lock.remaining());
    this.fencingToken = this.lock.fencingToken;
  }

  /** @param options of its acquire */
  asked(ttl: number, { autoExtend = false, maxHold = Infinity }: AcquireOptions = {}): void {
    this.longestAsked = Math.max(this.longestAsked, ttl);
    this.shortestAsked = Math.min(this.shortestAsked, ttl);
    if (autoExtend) this.extendedUntil = this.process.mono.read() + maxHold;
  }

  get adopted(): boolean {
    return this.adoptions > 0 || (this.owner !== this && this.owner.adopted);
  }

  /** It has ended, was given up or was lost, and that has been seen: nothing brings it back. */
  get isOver(): boolean {
    const { ends, losses, released, detached } = this;
    return ends === null && (losses > 0 || released !== null || detached);
  }

  /** How long its validity has been over, in ms; Infinity: it has none. */
  get overdue(): number {
    const { ends, process } = this;
    if (!ends) return Infinity;
    return Math.max(process.mono.read() - ends.mono, process.wall.read() - ends.wall, 0);
  }

  /** Whether the caller may extend it too, or may have raised its fencing token. */
  get isExtendedByCaller(): boolean {
    const { extending, reentered } = this.owner;
    return extending > 0 || reentered || this.owner !== this;
  }

  get isExtended(): boolean {
    return this.extendedUntil > this.process.mono.read();
  }

  /** Whether it and another one may not hold at once. */
  excludes(other: Holding): boolean {
    if (this.mode === 'shared' && other.mode === 'shared') return false;
    const { resources } = other.lock;
    return this.lock.resources.some((resource) => resources.includes(resource));
  }
}

/** The handles on locks that processes have, or had, in the order in which they got them. */
export class Holdings {
  readonly all: Holding[] = [];
  /** Those that somebody may believe in, and few others. Perf: most locks of a run ended long ago. */
  live: readonly Holding[] = [];
  readonly #byLock = new Map<Lock, Holding>();

  constructor(private readonly world: World) {}

  of(lock: Lock): Holding | undefined {
    return this.#byLock.get(lock);
  }

  firstOf(token: string): Holding | undefined {
    return this.all.find((holding) => holding.token === token && holding.first);
  }

  /** @param first whether it is the first handle on the lock */
  add(process: ClientProcess, lock: Lock, first: boolean): Holding {
    const takesSignal = this.all.length % 2 === 0;
    const holding = new Holding(process, lock, this.world.now, first, takesSignal);
    this.all.push(holding);
    this.live = [...this.live, holding];
    this.#byLock.set(lock, holding);
    this.world.trace.number(lock.fencingToken);
    return holding;
  }

  /** Those of a process that are not over, as far as it has been seen. */
  liveOf(process: ClientProcess): readonly Holding[] {
    if (this.live.some((holding) => holding.isOver))
      this.live = this.live.filter((holding) => !holding.isOver);
    return this.live.filter((holding) => holding.process === process);
  }
}
