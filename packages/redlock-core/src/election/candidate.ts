import { LockLostError } from '../errors.js';
import type { Lock, Routine } from '../lock.js';
import type { AcquireOptions } from '../options.js';
import { parseCampaignOptions } from '../settings/method-options.js';

/** The methods of a Redlock that a candidate uses. */
interface LockMethods {
  acquire(resources: string, ttl: number, options: AcquireOptions): Promise<Lock>;
  using<T>(
    resources: string,
    ttl: number,
    options: AcquireOptions,
    routine: Routine<T>,
  ): Promise<T>;
}

/** What a candidate campaigns for. */
export interface Office {
  readonly redlock: LockMethods;
  readonly name: string;
  readonly ttl: number;
}

/** Leads again and again, until the signal aborts or the routine fails. */
export async function lead(
  office: Office,
  routine: Routine<unknown>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await leadOnce(office, routine, signal);
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) throw error;
    }
  }
}

/** Leads for one term. Leadership that is lost ends the term, and is no error. */
async function leadOnce(
  { redlock, name, ttl }: Office,
  routine: Routine<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const failures: unknown[] = [];
  const options = parseCampaignOptions({ signal });
  try {
    await redlock.using(name, ttl, options, async (leading, lock) => {
      try {
        await routine(leading, lock);
      } catch (error) {
        if (!isGivingUp(error, leading)) failures.push(error);
      }
    });
  } catch (error) {
    if (!LockLostError.is(error)) throw error;
  }
  if (failures.length > 0) throw failures[0];
}

/** Whether an error is how a routine ends because its signal has aborted. */
function isGivingUp(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  return error === signal.reason || isAbortError(error) || LockLostError.is(error);
}

/** Does not use `instanceof`, because a routine may fail with an error of another realm. */
function isAbortError(error: unknown): boolean {
  const isObject = typeof error === 'object' && error !== null;
  return isObject && 'name' in error && error.name === 'AbortError';
}
