import { type Lock, type PermitLock, Redlock, ResourceLockedError } from 'redlock-core';
import { ExitCode, exitCodeOfSignal, type Io } from '../io.js';
import { asUsage, type Command } from '../options.js';
import { acquire } from './acquisition.js';
import { CommandProcess } from './command-process.js';
import { OPTIONS, type RunSettings, runSettingsOf } from './settings.js';
import { Interruption, SignalRelay } from './signal-relay.js';
import { ValidityGuard } from './validity-guard.js';

/** The shortest quarantine, in ms: it must exceed the clock skew of the nodes. */
const MIN_QUARANTINE_TIME = 5000;

/** `redlock run`: runs a command under a lock. */
export const run: Command = {
  name: 'run',
  summary: 'runs a command under a lock',
  synopsis: '[OPTION]… RESOURCE -- COMMAND…',
  details: 'Runs a command under a lock, as flock does, over independent Redis nodes.',
  options: OPTIONS,
  notes: `Durations are 500ms, 10s, 5m, 1h, or a number of seconds. Exit codes: the command's own;
128 + signal; 1 locked; 64 usage; 69 no quorum; 75 lock lost; 126 not executable; 127 not found.

  redlock run -n -E 0 --keep-for 1m report -- ./report.sh     on one machine of the fleet
  redlock run --wait 5m deploy -- ./deploy.sh production
  redlock run --permits 3 licences -- convert film.mov
`,
  async run(args, io) {
    const settings = runSettingsOf(args, io.env);
    const { nodes, options, ttl, keepFor } = settings;
    const quarantineTime =
      // A run keeps the lock only at its end; the run before it may have done so already.
      keepFor === null ? undefined : Math.max(ttl, keepFor, MIN_QUARANTINE_TIME);
    await using redlock = await asUsage(() => new Redlock(nodes, { ...options, quarantineTime }));
    using signals = new SignalRelay(io.signals);
    try {
      // If the command has not run to its end, other clients can have the lock at once.
      await using lock = await acquire(redlock, settings, signals.waiting, io);
      return await runUnder(lock, settings, signals, io);
    } catch (error) {
      return refused(error, settings, io);
    }
  },
};

async function runUnder(
  lock: Lock,
  { resource, command, ttl, killAfter, keepFor, verbose }: RunSettings,
  signals: SignalRelay,
  io: Io,
): Promise<number> {
  signals.waiting.throwIfAborted();
  if (lock.remaining() === 0) {
    io.log('lost the lock before the command was started. Run it again.');
    return ExitCode.LOST;
  }
  if (verbose) io.log(`acquired ${resource}, fencing token ${lock.fencingToken}`);
  const environment = environmentOf(lock, resource, io.env);
  const started = await CommandProcess.start(command, environment, io.descriptors);
  const guard = new ValidityGuard(lock, started, { ttl, killAfter }, io);
  signals.forwardTo(started);
  const code = await started.ended;
  if (!(await guard.end())) return ExitCode.LOST;
  if (keepFor !== null) await lock.release({ keepFor });
  return code;
}

/** The environment of the command, without the nodes' passwords, and without the permit of a run around this one. */
function environmentOf(
  lock: Lock | PermitLock,
  resource: string,
  environment: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const { REDLOCK_PERMIT: _, REDLOCK_NODES: __, ...inherited } = environment;
  const permit = 'permit' in lock ? lock.permit : null;
  return {
    ...inherited,
    REDLOCK_RESOURCE: resource,
    REDLOCK_FENCING_TOKEN: String(lock.fencingToken),
    ...(permit !== null && { REDLOCK_PERMIT: String(permit) }),
  };
}

/**
 * Logs why the command was not run.
 * @throws the error itself, if it is not specific to `redlock run`
 */
function refused(
  error: unknown,
  { command: [program], conflictExitCode }: RunSettings,
  io: Io,
): number {
  if (error instanceof Interruption) return exitCodeOfSignal(error.signal);
  if (ResourceLockedError.is(error)) {
    // With -E 0 it is no error.
    if (conflictExitCode !== 0) io.log(error.message);
    return conflictExitCode;
  }
  const { code, syscall = '' } = error as NodeJS.ErrnoException;
  if (!syscall.startsWith('spawn')) throw error;
  const isMissing = code === 'ENOENT';
  io.log(`cannot run ${program}: ${isMissing ? 'no such command.' : `not executable (${code}).`}`);
  return isMissing ? ExitCode.NOT_FOUND : ExitCode.NOT_EXECUTABLE;
}
