import type { RedisNode, Redlock, Runtime } from '../core.js';
import type { operationsIn } from '../server/commands.js';
import type { Scene } from '../run/scene.js';
import type { Evidence } from './mutants.js';

type Options = NonNullable<ConstructorParameters<typeof Redlock>[1]>;

/** What is wrong around a core that is as it should be: its options, its runtime, its adapters, or what is asked of it. */
export interface Wrong {
  readonly options?: Options;
  readonly runtime?: (runtime: Runtime) => Partial<Runtime>;
  readonly node?: (
    node: RedisNode,
    scene: Scene,
    operations: typeof operationsIn,
  ) => Partial<RedisNode>;
  /** So many permits more than there are. */
  readonly morePermits?: number;
  /** What callers take every release for. */
  readonly confirmed?: boolean;
  /** How fast the clocks of nodes go. */
  readonly nodeRate?: number;
  /** Whether a shared key goes with the set of its holders. */
  readonly freesOrphans?: boolean;
}

/** Mistakes around a core that is as it should be, and how each is found. */
export const AROUND_CORE: Readonly<Record<string, Evidence & Wrong>> = {
  'exclusion: validity leaves no room for drift': { kind: 'faults', options: { driftFactor: 0 } },
  'exclusion: a node that has forgotten counts at once': {
    kind: 'forgetful',
    oracle: 'exclusion',
    options: { quarantine: false },
  },
  'exclusion: after a reconnection nobody asks whether it is the same server': {
    kind: 'forgetful',
    node: (node) => {
      let info: Promise<unknown> | null = null;
      const call: RedisNode['call'] = (args) => {
        if (args[0] !== 'INFO') return node.call(args);
        return (info ??= node.call(args));
      };
      return { call };
    },
  },
  'exclusion: time is read from the monotonic clock alone': {
    kind: 'faults',
    runtime: (runtime) => ({ wallNow: () => Math.floor(runtime.now()) }),
  },
  'exclusion: time is read from the wall clock alone': {
    kind: 'faults',
    runtime: (runtime) => ({ now: () => runtime.wallNow() }),
  },
  'exclusion: a second Redlock does not know which nodes the first has seen restart': {
    kind: 'siblings',
    node: () => ({ client: undefined }),
  },
  'sharing: a shared key is free when the set of its holders is gone': {
    kind: 'vanishing',
    freesOrphans: true,
  },
  'waiting: a process is notified all the time': {
    kind: 'crowd',
    oracle: 'cost',
    node: (node, { world }) => ({
      subscribe: (channel, listener, onLost) => {
        let isOn = true;
        const again = (): void => {
          if (!isOn) return;
          listener();
          world.after(5, again);
        };
        world.after(5, again);
        const end = node.subscribe?.(channel, listener, onLost);
        return () => {
          isOn = false;
          end?.();
        };
      },
    }),
  },
  'loss: timers take a hundred times as long': {
    kind: 'siege',
    oracle: 'loss',
    runtime: (runtime) => ({
      setTimeout: (callback, ms) => runtime.setTimeout(callback, ms < 20 ? ms : 100 * ms),
    }),
  },
  'permits: a process says that there is one more': {
    kind: 'permits',
    oracle: 'permits',
    morePermits: 1,
  },
  'proof: a release says true whatever became of it': {
    kind: 'faults',
    oracle: 'release',
    confirmed: true,
  },
  'survival: timers take three times as long': {
    kind: 'faults',
    oracle: 'survival',
    runtime: (runtime) => ({
      setTimeout: (callback, ms) => runtime.setTimeout(callback, 3 * ms),
    }),
  },
  'clean-up: a failed attempt is not released': {
    kind: 'faults',
    oracle: 'remains',
    node: (node, { granted }, operations) => ({
      call: (args) => {
        const failed = operations(args).filter(
          ({ verb, token }) => verb === 'r' && !granted.has(token),
        );
        const tokens = new Set(failed.map(({ token }) => token));
        return node.call(args.map((arg) => (tokens.has(arg) ? 'nobody.0' : arg)));
      },
    }),
  },
  'clean-up: a closed process has timers left': {
    kind: 'faults',
    oracle: 'timers',
    runtime: (runtime) => ({
      clearTimeout() {},
      setTimeout: (callback, ms) => runtime.setTimeout(callback, ms < 1000 ? ms : 1e6),
    }),
  },
  'clean-up: keys do not expire': { kind: 'faults', oracle: 'expiry', nodeRate: 1e-6 },
  'progress: a client that connects lazily is never told to connect': {
    kind: 'calm',
    oracle: 'progress',
    node: () => ({ connect() {} }),
  },
  'afterlife: two attempts have one token': {
    kind: 'faults',
    oracle: 'afterlife',
    runtime: (runtime) => {
      let kept: string | null = null;
      const token = (): string => {
        const next = kept ?? runtime.token();
        kept = kept === null ? next : null;
        return next;
      };
      return { token };
    },
  },
};

/** Something with some members in the place of its own. */
export function replaced<T extends object>(original: T, members: Partial<T> | undefined): T {
  if (!members) return original;
  return new Proxy(original, {
    get(target, key) {
      const value: unknown = Reflect.get(key in members ? members : target, key);
      return typeof value === 'function' && !(key in members) ? value.bind(target) : value;
    },
  });
}
