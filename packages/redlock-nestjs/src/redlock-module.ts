import {
  ConfigurableModuleBuilder,
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type ConfigurableModuleAsyncOptions,
  type ConfigurableModuleOptionsFactory,
  type DynamicModule,
  type InjectionToken,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Redlock, type RedisNode, type RedlockOptions } from 'redlock-core';
import { Drain, drainOf } from './drain.js';
import { RedlockHealthIndicator } from './redlock-health-indicator.js';
import { getRedlockToken } from './redlock-token.js';

const DEFAULT_DRAIN_TIMEOUT = 10_000;

/** The longest delay of a timer, in ms. */
const MAX_DRAIN_TIMEOUT = 2 ** 31 - 1;

/** The nodes and the options of the application's Redlock. */
export interface RedlockModuleOptions extends RedlockOptions {
  /** Made by an adapter; an odd number of independent servers, five for example. */
  readonly nodes: Iterable<RedisNode>;
  /**
   * How long a shutdown waits for `using` and decorated methods that hold a lock, in ms. Default 10000, 0: not at all.
   * Set it to less than what your platform leaves between SIGTERM and SIGKILL. A lock that is held longer stays on the
   * nodes until its ttl ends.
   */
  readonly drainTimeout?: number;
}

/** What a module provides, and where. */
export interface RedlockModuleExtras {
  /** Needed if the application has several. Without a name, the Redlock is injected by its type. */
  name?: string | undefined;
  /** Whether modules that do not import this one are given the Redlock too. Default true. */
  isGlobal?: boolean | undefined;
}

const FACTORY_METHOD = 'createRedlockOptions';

/** A provider that makes the nodes and the options, for `useClass` and `useExisting`. */
export type RedlockOptionsFactory = ConfigurableModuleOptionsFactory<
  RedlockModuleOptions,
  typeof FACTORY_METHOD
>;

/** How the nodes and the options are made: `useFactory` with `inject`, `useClass` or `useExisting`. */
export type RedlockModuleAsyncOptions = RedlockModuleExtras &
  ConfigurableModuleAsyncOptions<RedlockModuleOptions, typeof FACTORY_METHOD>;

/** The Redlock that the module itself has made: none if a test provides another one. */
interface Made {
  redlock?: Redlock;
  drainTimeout?: number;
}

const MADE = Symbol('made');

/** The tokens that the modules of one application provide. */
const TOKENS = Symbol('tokens');

// oxlint-disable-next-line typescript/no-extraneous-class -- Nest identifies a module by its class.
class TokensModule {}
Module({
  providers: [{ provide: TOKENS, useFactory: () => new Set() }],
  exports: [TOKENS],
})(TokensModule);

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  // Without alwaysTransient, Nest 10 takes two modules of the same shape for one.
  new ConfigurableModuleBuilder<RedlockModuleOptions>({
    moduleName: 'Redlock',
    alwaysTransient: true,
  })
    .setClassMethodName('forRoot')
    .setFactoryMethodName(FACTORY_METHOD)
    .setExtras<RedlockModuleExtras>({}, provideRedlock)
    .build();

/**
 * Provides a {@link Redlock} to the whole application; several, if the modules have names. It is closed when the
 * application shuts down, after work that holds a lock has ended; clients that the application has made stay open.
 * @example
 * ```ts
 * @Module({ imports: [RedlockModule.forRoot({ nodes: clients.map((client) => ioredisNode(client)) })] })
 * class AppModule {}
 *
 * @Injectable()
 * class Billing {
 *   constructor(private readonly redlock: Redlock) {}
 * }
 * ```
 */
export class RedlockModule implements BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #made: Made;
  /** When draining ends, in ms of `performance.now()`. */
  #deadline = 0;

  /** @param made what the module's own provider gives */
  constructor(made: unknown) {
    this.#made = made as Made;
  }

  /** @throws TypeError, RangeError for bad arguments, when the application starts */
  static forRoot({
    name,
    isGlobal,
    ...options
  }: RedlockModuleOptions & RedlockModuleExtras): DynamicModule {
    // As a value, the options would be serialized by Nest 10, with the clients of all nodes.
    return this.forRootAsync({ name, isGlobal, useFactory: () => options });
  }

  /**
   * @throws TypeError, RangeError for bad arguments, when the application starts
   * @example
   * ```ts
   * RedlockModule.forRootAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({
   *     nodes: config.getOrThrow<string[]>('redisUrls').map((url) => ioredisNodeFromUrl(url)),
   *   }),
   * });
   * ```
   */
  static forRootAsync(options: RedlockModuleAsyncOptions): DynamicModule {
    return { ...ConfigurableModuleClass.forRootAsync(options), module: RedlockModule };
  }

  /** Waits for work that holds a lock, while everything that it may need is still open. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#deadline = performance.now() + (this.#made.drainTimeout ?? 0);
    await this.#drain();
  }

  /** Requests have been answered by then. Waiting ends, and the signals of work that goes on under locks abort. */
  async onApplicationShutdown(): Promise<void> {
    await this.#drain();
    await this.#made.redlock?.close();
  }

  async #drain(): Promise<void> {
    const { redlock } = this.#made;
    const left = Math.max(0, this.#deadline - performance.now());
    if (redlock) await drainOf(redlock)?.end(left);
  }
}

function provideRedlock(
  definition: DynamicModule,
  { name, isGlobal = true }: RedlockModuleExtras,
): DynamicModule {
  const token = getRedlockToken(name);
  const open = (
    tokens: Set<InjectionToken>,
    made: Made,
    { nodes, drainTimeout, ...options }: RedlockModuleOptions,
  ): Redlock => {
    if (tokens.has(token)) throw new Error(formatDuplicate(name));
    tokens.add(token);
    made.drainTimeout = requireDrainTimeout(drainTimeout);
    const redlock = new Redlock(nodes, options);
    new Drain().watch(redlock);
    return (made.redlock = redlock);
  };
  return {
    ...definition,
    global: isGlobal,
    imports: [TokensModule, ...(definition.imports ?? [])],
    providers: [
      ...(definition.providers ?? []),
      { provide: MADE, useFactory: (): Made => ({}) },
      { provide: token, useFactory: open, inject: [TOKENS, MADE, MODULE_OPTIONS_TOKEN] },
      RedlockHealthIndicator,
    ],
    exports: [token, RedlockHealthIndicator],
  };
}

function requireDrainTimeout(ms: number = DEFAULT_DRAIN_TIMEOUT): number {
  if (typeof ms === 'number' && ms >= 0 && ms <= MAX_DRAIN_TIMEOUT) return ms;
  throw new RangeError(
    `drainTimeout must be a number from 0 to ${MAX_DRAIN_TIMEOUT} (ms), not ${ms}`,
  );
}

function formatDuplicate(name: string | undefined): string {
  const which = name === undefined ? 'without a name' : `named "${name}"`;
  return `Two RedlockModules ${which} in one application. Give each forRoot its own name.`;
}

// As decorators would: this package is compiled without them.
Module({})(RedlockModule);
Inject(MADE)(RedlockModule, undefined, 0);
