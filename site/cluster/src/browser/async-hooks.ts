/**
 * `node:async_hooks`. The core keeps in it which lock is around a caller, for re-entry, and whose trace an extension
 * belongs to. The clients here neither re-enter locks nor trace them, so nobody is ever inside of anything.
 */
export class AsyncLocalStorage<T> {
  static snapshot(): <R>(act: () => R) => R {
    return (act) => act();
  }

  getStore(): T | undefined {
    return undefined;
  }

  run<R>(_store: T, act: () => R): R {
    return act();
  }

  disable(): void {}
}
