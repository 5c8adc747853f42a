import { type Lock, QuorumError, Redlock, ResourceLockedError } from 'redlock-core';
import type { Command } from '../command.js';
import { ExitCode, exitCodeOfSignal } from '../exit-code.js';
import type { Io } from '../io.js';
import { quarantineTimeOf } from '../quarantine-time.js';
import { acquire } from './acquisition.js';
import { CommandProcess } from './command-process.js';
import { environmentOf } from './environment.js';
import { tellNews } from './news.js';
import { ownerOf } from './owner.js';
import { type RunSettings, runSettingsOf } from './settings.js';
import { Interruption, SignalRelay } from './signal-relay.js';
import { USAGE } from './usage.js';
import { ValidityGuard } from './validity-guard.js';

/** `redlock run`: runs a command under a lock. */
export const run: Command = {
  name: 'run',
  summary: 'runs a command under a lock',
  usage: USAGE,
  async run(args, io) {
    const settings = runSettingsOf(args, io.env);
    const { nodes, ttl, keepFor } = settings;
    await using redlock = new Redlock(nodes, {
      owner: ownerOf(settings.command[0]),
      ...(settings.strict && { quarantine: 'strict' }),
      // A run keeps the lock at its end only; the one before it may have done so already.
      ...(keepFor !== null && { quarantineTime: quarantineTimeOf(ttl, keepFor) }),
    });
    // Without waiting, the error that follows at once says it all.
    if (settings.verbose || settings.wait > 0)
      tellNews(redlock, nodes.length, settings.verbose, io);
    using signals = new SignalRelay(io.signals);
    try {
      const lock = await acquire(redlock, settings, signals.waiting);
      return await runUnder(lock, settings, signals, io);
    } catch (error) {
      return refused(error, settings, io);
    }
  },
};

async function runUnder(
  lock: Lock,
  settings: RunSettings,
  signals: SignalRelay,
  io: Io,
): Promise<number> {
  const { resource, command, verbose } = settings;
  try {
    signals.waiting.throwIfAborted();
    if (lock.remaining() === 0) {
      io.tell('the lock was lost before the command was started: run it again');
      return ExitCode.LOST;
    }
    if (verbose) io.tell(`has the lock on ${resource}, fencing token ${lock.fencingToken}`);
    const started = await CommandProcess.start(
      command,
      environmentOf(lock, resource, io.env),
      io.descriptors,
    );
    const guard = new ValidityGuard(lock, started, settings, io);
    signals.forwardTo(started);
    const code = await started.ended;
    if (!(await guard.end())) return ExitCode.LOST;
    await lock.release(settings.keepFor === null ? {} : { keepFor: settings.keepFor });
    return code;
  } finally {
    // Whatever keeps the command from being run to its end, others may have the lock at once.
    await lock.release();
  }
}

/** Tells why the command was not run. */
function refused(error: unknown, { command: [program], busyCode }: RunSettings, io: Io): number {
  if (error instanceof Interruption) return exitCodeOfSignal(error.signal);
  if (ResourceLockedError.is(error)) {
    // With -E 0 it is no error.
    if (busyCode !== 0) io.tell(error.message);
    return busyCode;
  }
  if (QuorumError.is(error)) {
    io.tell(error.message);
    return ExitCode.UNAVAILABLE;
  }
  const { code, syscall = '' } = error as NodeJS.ErrnoException;
  if (!syscall.startsWith('spawn')) throw error;
  const isMissing = code === 'ENOENT';
  io.tell(
    `${program}: ${isMissing ? 'there is no such command' : `it cannot be executed (${code})`}`,
  );
  return isMissing ? ExitCode.NOT_FOUND : ExitCode.NOT_EXECUTABLE;
}
