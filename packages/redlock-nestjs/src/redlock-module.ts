import {
  Inject,
  Module,
  type DynamicModule,
  type FactoryProvider,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Redlock, type RedisNode, type RedlockOptions } from 'redlock-core';

/** The nodes and the options of the application's Redlock. */
export interface RedlockModuleOptions extends RedlockOptions {
  /** Made by an adapter; an odd number of independent servers, five for example. */
  readonly nodes: Iterable<RedisNode>;
}

/** How the nodes and the options are made, for example from a ConfigService. */
export interface RedlockModuleAsyncOptions {
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
}

const MADE = Symbol('made');

/**
 * Provides one {@link Redlock} to the whole application. It is closed when the application shuts down; clients that the
 * application has made stay open.
 * @example
 * ```ts
 * @Module({ imports: [RedlockModule.forRoot({ nodes: clients.map(ioredisNode) })] })
 * class AppModule {}
 *
 * @Injectable()
 * class Billing {
 *   constructor(private readonly redlock: Redlock) {}
 * }
 * ```
 */
export class RedlockModule implements OnApplicationShutdown {
  readonly #made: Made;

  constructor(made: Made) {
    this.#made = made;
  }

  /** @throws TypeError, RangeError for bad arguments, when the application starts */
  static forRoot(options: RedlockModuleOptions): DynamicModule {
    return this.forRootAsync({ useFactory: () => options });
  }

  /**
   * @throws TypeError, RangeError for bad arguments, when the application starts
   * @example
   * ```ts
   * RedlockModule.forRootAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({
   *     nodes: config.getOrThrow<string[]>('redisUrls').map(ioredisNodeFromUrl),
   *   }),
   * });
   * ```
   */
  static forRootAsync({ imports, inject, useFactory }: RedlockModuleAsyncOptions): DynamicModule {
    const open = async (made: Made, ...given: unknown[]): Promise<Redlock> => {
      const { nodes, ...options } = await useFactory(...given);
      return (made.redlock = new Redlock(nodes, options));
    };
    return {
      module: RedlockModule,
      global: true,
      ...(imports && { imports }),
      providers: [
        { provide: MADE, useFactory: (): Made => ({}) },
        { provide: Redlock, useFactory: open, inject: [MADE, ...(inject ?? [])] },
      ],
      exports: [Redlock],
    };
  }

  /** Requests have been answered by then. Waiting ends, and the signals of work that goes on under locks abort. */
  async onApplicationShutdown(): Promise<void> {
    await this.#made.redlock?.close();
  }
}

// As decorators would: this package is compiled without them.
Module({})(RedlockModule);
Inject(MADE)(RedlockModule, undefined, 0);
