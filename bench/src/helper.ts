import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { JobInput, JobName, JobOutput } from './jobs/index.js';

const SCRIPT = fileURLToPath(new URL('./helper-main.js', import.meta.url));

/** A process that has made itself ready for a job. */
export async function startHelper<Name extends JobName>(
  job: Name,
  input: JobInput<Name>,
): Promise<ChildProcess> {
  const child = fork(SCRIPT, [job, JSON.stringify(input)], {
    execArgv: ['--expose-gc'],
    // The table is on the output of this process; libraries print there too.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  if ((await messageOf(child)) !== 'ready') throw new Error(`The helper for ${job} did not start`);
  return child;
}

/** Kills the process, so not while others wait for a lock that it has not released on all nodes. */
export async function endHelper(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/**
 * Begins the work of all processes.
 * @param least rejects if fewer than these are done in time; by default all. The others are killed
 */
type Run<Name extends JobName> = (timeoutMs: number, least?: number) => Promise<JobOutput<Name>[]>;

/** Starts a process for each input, and ends them when `work` is done. */
export async function withHelpers<Name extends JobName, T>(
  job: Name,
  inputs: readonly JobInput<Name>[],
  work: (run: Run<Name>) => Promise<T>,
): Promise<T> {
  const children = await Promise.all(inputs.map((input) => startHelper(job, input)));
  try {
    return await work(async (timeoutMs, least = inputs.length) => {
      const outputs = await Promise.all(
        children.map((child) => runHelper<JobOutput<Name>>(child, timeoutMs)),
      );
      const done = outputs.filter((output) => output !== null);
      if (done.length < least) throw new Error(`A process for ${job} hangs or has ended`);
      return done;
    });
  } finally {
    await Promise.all(children.map(endHelper));
  }
}

/** Runs one job in a process. */
export async function runJob<Name extends JobName>(
  job: Name,
  input: JobInput<Name>,
  timeoutMs: number,
): Promise<JobOutput<Name>> {
  const [output] = await withHelpers(job, [input], (run) => run(timeoutMs));
  return output as JobOutput<Name>;
}

/** @returns null if it is not done in time */
async function runHelper<Output>(child: ChildProcess, timeoutMs: number): Promise<Output | null> {
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const output = messageOf(child);
  if (child.connected) child.send('go');
  try {
    return (await output) as Output | null;
  } finally {
    clearTimeout(timer);
  }
}

/** The next message; null if the process ends before. */
async function messageOf(child: ChildProcess): Promise<unknown> {
  if (!child.connected) return null;
  const done = new AbortController();
  const next = (event: 'message' | 'exit'): Promise<unknown[]> =>
    once(child, event, { signal: done.signal });
  const message = next('message').then(([value]) => value);
  const ended = next('exit').then(() => null);
  message.catch(() => {});
  ended.catch(() => {});
  const first = await Promise.race([message, ended]);
  done.abort();
  return first;
}
