import type { AcquireOptions, ErrorData, Lock, PermitLock, Redlock } from 'redlock-core';
import { formatDuration, type Io } from '../io.js';
import { asUsage } from '../options.js';
import type { RunSettings } from './settings.js';

/**
 * Waits for the lock or permit, which is extended automatically afterwards. Ends at once if waiting is useless.
 * @param signal ends the waiting
 * @throws UsageError for an invalid resource or ttl; otherwise what `acquire` of a Redlock throws
 */
export async function acquire(
  redlock: Redlock,
  settings: RunSettings,
  signal: AbortSignal,
  io: Io,
): Promise<Lock | PermitLock> {
  const { resource, ttl, wait, shared, permits, steal } = settings;
  const attempt = (terms: AcquireOptions): Promise<Lock | PermitLock> => {
    const options = { ...terms, autoExtend: true };
    if (permits !== null) return redlock.semaphore(resource, permits).acquire(ttl, options);
    const mode = shared ? 'shared' : 'exclusive';
    return redlock.acquire(resource, ttl, { ...options, mode, steal });
  };
  const useless = watchNodes(redlock, settings, io);
  try {
    return await asUsage(() => attempt({ wait, signal: AbortSignal.any([signal, useless]) }));
  } catch (error) {
    if (!useless.aborted || signal.aborted) throw error;
    // The error of one more attempt says what is wrong with the nodes, and how to fix it.
    return await attempt({ wait: 0, signal });
  }
}

/** Errors that waiting does not change. */
const PERMANENT_CODE = /^(?:NOPERM|NOAUTH|WRONGPASS|ENOTFOUND)$/;
const PERMANENT_MESSAGE = /\bERR (?:AUTH|invalid password|unknown command\W+eval)/i;

function isPermanent({ code, message }: ErrorData): boolean {
  return PERMANENT_CODE.test(code) || PERMANENT_MESSAGE.test(message);
}

/**
 * Logs when no quorum of nodes is left, because waiting for a lock would otherwise print nothing; with `--verbose`,
 * also the holder of the lock, and all events of the nodes.
 * @returns a signal that aborts when waiting is useless, because too many nodes have failed for good
 */
function watchNodes(
  redlock: Redlock,
  { nodes: { length: count }, wait, verbose }: RunSettings,
  io: Io,
): AbortSignal {
  const failed = new Map<string, boolean>();
  const useless = new AbortController();
  const mayFail = count - (Math.floor(count / 2) + 1);
  redlock.on('nodeFailed', ({ node, error }) => {
    failed.set(node, isPermanent(error));
    if (verbose) io.log(`${node}: ${error.message}`);
    const permanent = [...failed.values()].filter(Boolean).length;
    if (permanent > mayFail) useless.abort();
    // Without waiting, the error that follows at once says the same.
    else if (wait > 0 && failed.size === mayFail + 1) {
      io.log(`no quorum: ${failed.size} of ${count} nodes failed, ${node}: ${error.message}`);
    }
  });
  redlock.on('nodeRecovered', ({ node }) => {
    if (failed.delete(node) && failed.size === mayFail) io.log('a quorum of nodes answers again');
    if (verbose) io.log(`${node}: answers again`);
  });
  if (!verbose) return useless.signal;
  redlock.on('warning', ({ node, message }) => io.log(node ? `${node}: ${message}` : message));
  redlock.on('nodeQuarantined', ({ node, duration }) => {
    io.log(`${node}: restarted; its grants do not count for ${formatDuration(duration)}`);
  });
  let shown = '';
  redlock.on('contended', ({ owners }) => {
    const holders = owners.join(', ') || 'another owner';
    if (holders !== shown) io.log(`waiting: locked by ${holders}`);
    shown = holders;
  });
  return useless.signal;
}
