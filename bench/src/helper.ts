import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { JobInput, JobName, JobOutput } from './jobs/index.js';

const SCRIPT = fileURLToPath(new URL('./helper-main.js', import.meta.url));

/**
 * A job in a process of its own: ready when it has connected, and begun with `run`. Disposing kills
 * it, so not while others wait for what it may not have released on all nodes yet.
 */
export interface Helper<Name extends JobName> extends AsyncDisposable {
  /** @returns null if it is not done in time; the process is killed then */
  run(timeoutMs: number): Promise<JobOutput<Name> | null>;
}

/** Runs several at once, as far as they get in time. */
export async function runTogether<Name extends JobName>(
  helpers: readonly Helper<Name>[],
  timeoutMs: number,
): Promise<JobOutput<Name>[]> {
  const outputs = await Promise.all(helpers.map((helper) => helper.run(timeoutMs)));
  return outputs.filter((output) => output !== null);
}

export async function startHelper<Name extends JobName>(
  job: Name,
  input: JobInput<Name>,
): Promise<Helper<Name>> {
  const child = fork(SCRIPT, [job, JSON.stringify(input)], { execArgv: ['--expose-gc'] });
  const ended = once(child, 'exit').then(() => null);
  const message = (): Promise<unknown> =>
    Promise.race([once(child, 'message').then(([value]: unknown[]) => value), ended]);
  if ((await message()) !== 'ready') throw new Error(`The helper for ${job} did not start`);
  return {
    run: async (timeoutMs) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
      const output = message();
      child.send('go');
      try {
        return (await output) as JobOutput<Name> | null;
      } finally {
        clearTimeout(timer);
      }
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
