import { setTimeout as sleep } from 'node:timers/promises';

/** After this many ms a call counts as one that gives no answer. */
export const LIMIT = 10_000;

/** What became of a call, and after how many ms. */
export type Answer<T> = { readonly ms: number } & (
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'none' }
);

export async function answerOf<T>(call: () => PromiseLike<T>, limit = LIMIT): Promise<Answer<T>> {
  const start = performance.now();
  const passed = (): number => performance.now() - start;
  const done = new AbortController();
  const result = (async (): Promise<Answer<T>> => {
    try {
      const value = await call();
      return { kind: 'value', value, ms: passed() };
    } catch (error) {
      return { kind: 'error', error, ms: passed() };
    }
  })();
  const late = sleep(limit, undefined, { signal: done.signal }).then(
    (): Answer<T> => ({ kind: 'none', ms: passed() }),
    () => result,
  );
  const answer = await Promise.race([result, late]);
  done.abort();
  return answer;
}

/** Of a call that must succeed for the trial to go on. */
export async function valueOf<T>(what: string, call: () => PromiseLike<T>): Promise<T> {
  const answer = await answerOf(call);
  if (answer.kind === 'value') return answer.value;
  const cause = answer.kind === 'error' ? answer.error : undefined;
  throw new Error(`It did not ${what}`, { cause });
}
