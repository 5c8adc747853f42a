import type { Deployment } from 'test-kit';
import { launch, type Program } from './program.js';
import { type Member, Witness } from './witness.js';

/** A run of command.js under the lock `job`, which a witness sees. */
export interface WatchedRun {
  readonly program: Program;
  readonly witness: Witness;
  readonly command: Member;
}

/**
 * Resolves when the command has started. The witness leaves at the end of the test.
 * @param options of `redlock run`
 */
export async function startWatched(
  deployment: Deployment,
  options: readonly string[],
  ...manner: readonly 'mortal'[]
): Promise<WatchedRun> {
  const witness = await Witness.start();
  deployment.defer(() => witness[Symbol.asyncDispose]());
  const program = launch(deployment, 'run', ...options, 'job', '--', ...witness.command(...manner));
  return { program, witness, command: await witness.next() };
}
