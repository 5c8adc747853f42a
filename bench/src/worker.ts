import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { JobInput, JobName, JobOutput } from './jobs/index.js';

const PROGRAM = fileURLToPath(new URL('./worker-program.js', import.meta.url));

interface WorkerOptions {
  /** Of the JavaScript engine. */
  readonly flags?: readonly string[];
  /** Receives what the process prints. */
  readonly onText?: (text: string) => void;
}

/**
 * Begins the work of all processes, and resolves with what they return.
 * @throws Error if one of them is not done in time; all are killed
 */
type Run<Name extends JobName> = (timeoutMs: number) => Promise<JobOutput<Name>[]>;

/** Starts a process for each input, makes all of them ready, and ends them when `work` is done. */
export async function withWorkers<Name extends JobName, T>(
  job: Name,
  inputs: readonly JobInput<Name>[],
  work: (run: Run<Name>) => Promise<T>,
  options: WorkerOptions = {},
): Promise<T> {
  const children = inputs.map((input) => start(job, input, options));
  try {
    for (const ready of await Promise.all(children.map((child) => messageOf(child)))) {
      if (ready !== 'ready') throw new Error(`A process for ${job} did not start`);
    }
    return await work(async (timeoutMs) => {
      const outputs = await Promise.all(children.map((child) => runIn(child, timeoutMs)));
      if (outputs.includes(null)) throw new Error(`A process for ${job} hangs or has ended`);
      return outputs as JobOutput<Name>[];
    });
  } finally {
    await Promise.all(children.map((child) => end(child)));
  }
}

/** Runs one job in a process. */
export async function runJob<Name extends JobName>(
  job: Name,
  input: JobInput<Name>,
  timeoutMs: number,
  options?: WorkerOptions,
): Promise<JobOutput<Name>> {
  const [output] = await withWorkers(job, [input], (run) => run(timeoutMs), options);
  return output as JobOutput<Name>;
}

function start(job: JobName, input: unknown, { flags = [], onText }: WorkerOptions): ChildProcess {
  const child = fork(PROGRAM, [job, JSON.stringify(input)], {
    execArgv: ['--expose-gc', ...flags],
    // The tables are on the output of this process; libraries print there too.
    stdio: ['ignore', onText ? 'pipe' : 'ignore', 'inherit', 'ipc'],
  });
  child.stdout?.setEncoding('utf8').on('data', (text: string) => onText?.(text));
  return child;
}

/** @returns null if the work is not done in time */
async function runIn(child: ChildProcess, timeoutMs: number): Promise<unknown> {
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const output = messageOf(child);
  if (child.connected) child.send('go');
  try {
    return await output;
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
  const exit = next('exit').then(() => null);
  // The loser of the race is aborted.
  for (const one of [message, exit]) one.catch(() => {});
  try {
    return await Promise.race([message, exit]);
  } finally {
    done.abort();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
