import {
  Inject,
  Module,
  type DynamicModule,
  type BeforeApplicationShutdown,
  type FactoryProvider,
  type InjectionToken,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Redlock, type RedisNode, type RedlockOptions } from 'redlock-core';
import { Drain, drainOf } from './drain.js';
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

/** Which Redlock of the application a module provides. */
export interface RedlockModuleName {
  /** Needed if the application has several. Without a name, the Redlock is injected by its type. */
  readonly name?: string;
}

/** How the nodes and the options are made, for example from a ConfigService. */
export interface RedlockModuleAsyncOptions extends RedlockModuleName {
  /** The modules of the providers that the factory is given. */
  readonly imports?: NonNullable<DynamicModule['imports']>;
  /** The providers that the factory is given, in the order of its arguments. */
  readonly inject?: NonNullable<FactoryProvider['inject']>;
  readonly useFactory: FactoryProvider<
    RedlockModuleOptions | Promise<RedlockModuleOptions>
  >['useFactory'];
}

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

/** Without it, Nest 10 takes two modules of the same shape for one. */
const MODULE_ID = Symbol('module id');

let moduleCount = 0;

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
  static forRoot({ name, ...options }: RedlockModuleOptions & RedlockModuleName): DynamicModule {
    return this.forRootAsync({ useFactory: () => options, ...(name !== undefined && { name }) });
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
  static forRootAsync({
    name,
    imports = [],
    inject = [],
    useFactory,
  }: RedlockModuleAsyncOptions): DynamicModule {
    const token = getRedlockToken(name);
    const open = async (
      tokens: Set<InjectionToken>,
      made: Made,
      ...given: unknown[]
    ): Promise<Redlock> => {
      if (tokens.has(token)) throw new Error(formatDuplicate(name));
      tokens.add(token);
      const { nodes, drainTimeout, ...options } = await useFactory(...given);
      made.drainTimeout = requireDrainTimeout(drainTimeout);
      const redlock = new Redlock(nodes, options);
      new Drain().watch(redlock);
      return (made.redlock = redlock);
    };
    return {
      module: RedlockModule,
      global: true,
      imports: [TokensModule, ...imports],
      providers: [
        { provide: MODULE_ID, useValue: moduleCount++ },
        { provide: MADE, useFactory: (): Made => ({}) },
        { provide: token, useFactory: open, inject: [TOKENS, MADE, ...inject] },
      ],
      exports: [token],
    };
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
