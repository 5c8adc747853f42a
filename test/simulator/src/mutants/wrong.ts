import type { RedisNode, Redlock, Runtime } from '../core.js';
import { isRelease, operationsIn } from '../commands/operations.js';
import type { Scene } from '../run/scene.js';

type Options = NonNullable<ConstructorParameters<typeof Redlock>[1]>;

/** What is wrong around a core that is as it should be: its options, its runtime, its adapters, or what is asked of it. */
export interface Wrong {
  readonly options?: Options;
  readonly runtime?: (runtime: Runtime) => Partial<Runtime>;
  readonly node?: (node: RedisNode, scene: Scene) => Partial<RedisNode>;
  /** So many permits more than there are. */
  readonly morePermits?: number;
  /** What callers take every release for. */
  readonly confirmed?: boolean;
  /** How fast the clocks of nodes go. */
  readonly nodeRate?: number;
  /** Whether a shared key goes with the set of its holders. */
  readonly freesOrphans?: boolean;
}

const WRONGS = {
  'no drift': { options: { driftFactor: 0 } },
  'no quarantine': { options: { quarantine: false } },
  'monotonic clock alone': { runtime: (runtime) => ({ wallNow: () => Math.floor(runtime.now()) }) },
  'wall clock alone': { runtime: (runtime) => ({ now: () => runtime.wallNow() }) },
  'tokens twice': {
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
  'slow timers': {
    runtime: (runtime) => ({
      setTimeout: (callback, ms) => runtime.setTimeout(callback, 3 * ms),
    }),
  },
  'timers much too slow': {
    runtime: (runtime) => ({
      setTimeout: (callback, ms) => runtime.setTimeout(callback, ms < 20 ? ms : 100 * ms),
    }),
  },
  'timers for ever': {
    runtime: (runtime) => ({
      clearTimeout() {},
      setTimeout: (callback, ms) => runtime.setTimeout(callback, ms < 1000 ? ms : 1e6),
    }),
  },
  'identity from a cache': {
    node: (node) => {
      let info: Promise<unknown> | null = null;
      const call: RedisNode['call'] = (args) => {
        if (args[0] !== 'INFO') return node.call(args);
        return (info ??= node.call(args));
      };
      return { call };
    },
  },
  'failures not released': {
    node: (node, { granted }) => ({
      call: (args) => {
        const failed = operationsIn(args).filter(
          (operation) => isRelease(operation) && !granted.has(operation.token),
        );
        const tokens = new Set(failed.map(({ token }) => token));
        return node.call(args.map((arg) => (tokens.has(arg) ? 'nobody.0' : arg)));
      },
    }),
  },
  'never told to connect': { node: () => ({ connect() {} }) },
  'clients unknown': { node: () => ({ client: undefined }) },
  'orphans freed': { freesOrphans: true },
  'notified all the time': {
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
  'one permit more': { morePermits: 1 },
  'releases confirmed': { confirmed: true },
  'nodes without time': { nodeRate: 1e-6 },
} satisfies Record<string, Wrong>;

export type WrongName = keyof typeof WRONGS;

export function wrongOf(name: WrongName | undefined): Wrong {
  return name === undefined ? {} : WRONGS[name];
}

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
