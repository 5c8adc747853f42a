import { Deployment } from 'test-kit';
import { launch, type Program } from './program.js';
import { type Member, Witness } from './witness.js';

/** A process that runs command.js under the lock `job` of three nodes, and a witness of the command. */
export interface WatchedRun extends AsyncDisposable {
  readonly deployment: Deployment;
  readonly program: Program;
  readonly witness: Witness;
  readonly command: Member;
}

/**
 * Resolves when the command has started.
 * @param options of `redlock run`, as in `--ttl 4s`
 */
export async function watchedRun(
  options: string,
  ...manner: readonly 'mortal'[]
): Promise<WatchedRun> {
  const deployment = await Deployment.start(3);
  const witness = await Witness.start();
  deployment.defer(() => witness[Symbol.asyncDispose]());
  const args = ['run', ...options.split(' '), 'job', '--', ...witness.command(...manner)];
  const program = launch(deployment, ...args);
  const command = await witness.next();
  const dispose = (): Promise<void> => deployment[Symbol.asyncDispose]();
  return { deployment, program, witness, command, [Symbol.asyncDispose]: dispose };
}

/** No node answers any more. */
export function loseAll({ deployment }: Pick<WatchedRun, 'deployment'>): void {
  for (const { proxy } of deployment.nodes) proxy.blackHole();
}
