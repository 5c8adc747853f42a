import type { Lock, PermitLock } from 'redlock-core';

/** The environment of a command under a lock. One that is around it, and its permit, are not the command's. */
export function environmentOf(
  lock: Lock | PermitLock,
  resource: string,
  environment: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const { REDLOCK_PERMIT: _, ...inherited } = environment;
  return {
    ...inherited,
    REDLOCK_RESOURCE: resource,
    REDLOCK_FENCING_TOKEN: String(lock.fencingToken),
    ...(isPermit(lock) && { REDLOCK_PERMIT: String(lock.permit) }),
  };
}

function isPermit(lock: Lock | PermitLock): lock is PermitLock {
  return 'permit' in lock && lock.permit !== null;
}
