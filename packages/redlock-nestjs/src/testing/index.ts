import type { DynamicModule } from '@nestjs/common';
import { memoryNode } from 'redlock-core/memory';
import { RedlockModule, type RedlockModuleExtras, type RedlockModuleOptions } from '../index.js';

/** The options of a {@link RedlockTestingModule}. */
export type RedlockTestingOptions = Omit<RedlockModuleOptions, 'nodes'> & RedlockModuleExtras;

/** A {@link RedlockModule} for tests. Its Redlock has three memory nodes: it locks within the process, without servers. */
// oxlint-disable-next-line typescript/no-extraneous-class -- Users of Nest expect a class.
export class RedlockTestingModule {
  /**
   * Each call makes nodes of its own, so the tests of one application see no locks of another. To let nodes fail, give
   * `memoryNode()` of redlock-core/memory to `RedlockModule.forRoot` instead.
   * @throws TypeError, RangeError for bad arguments, when the application starts
   * @example
   * ```ts
   * const module = await Test.createTestingModule({
   *   imports: [RedlockTestingModule.forRoot()],
   *   providers: [Orders],
   * }).compile();
   * ```
   */
  static forRoot(options: RedlockTestingOptions = {}): DynamicModule {
    return RedlockModule.forRoot({ ...options, nodes: [memoryNode(), memoryNode(), memoryNode()] });
  }
}
