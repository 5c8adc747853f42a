import { Deployment, type DeploymentOptions } from 'test-kit';
import type { Library } from './library.js';
import type { LibraryName } from './packages.js';
import type { Outcome } from './outcome.js';
import { Stage } from './stage.js';

/** A fault, or a use, with something to see. */
export interface Trial {
  /** How the command line calls it. */
  readonly key: string;
  /** How the table calls it. */
  readonly name: string;
  /** For the page: what is done and what is watched. */
  readonly procedure: string;
  readonly nodes: number;
  readonly servers?: DeploymentOptions;
  /** Runs with nothing beside it, because it times what takes little. */
  readonly alone?: boolean;
  run(stage: Stage): Promise<Outcome>;
}

/** Runs a trial on servers of its own. */
export async function runTrial(
  trial: Trial,
  name: LibraryName,
  library: Library,
): Promise<Outcome> {
  await using deployment = await Deployment.start(trial.nodes, {
    ...trial.servers,
    config: { appendonly: 'no', ...trial.servers?.config },
  });
  return await trial.run(new Stage(name, library, deployment));
}
