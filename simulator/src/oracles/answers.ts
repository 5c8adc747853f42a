import { encodedIn } from '../commands/operations.js';
import type { Call, Oracle } from './oracle.js';
import type { Scene } from '../run/scene.js';
import type { Client } from '../run/client.js';
import type { Deployment } from '../run/deployment.js';
import type { ClientProcess } from '../world/process.js';

/** A process that is called and wants nothing any more tells the node at once, so that the next one is called. */
export class Answers implements Oracle {
  readonly #scene: Scene;
  readonly #deployment: Pick<Deployment, 'clients'>;
  /** The nodes that have called a process in vain, and when, in true time. */
  readonly #unanswered = new Map<ClientProcess, Map<number, number>>();

  constructor(scene: Scene, deployment: Pick<Deployment, 'clients'>) {
    this.#scene = scene;
    this.#deployment = deployment;
  }

  heard(process: ClientProcess, node: number): void {
    const { world } = this.#scene;
    this.#check(process);
    const client = this.#deployment.clients.find((each) => each.process === process);
    if (!client || client.isGone || this.#scene.disturbances.isDisturbedSince(world.now)) return;
    if (this.#wants(client)) return;
    const calls = this.#unanswered.get(process) ?? new Map<number, number>();
    this.#unanswered.set(process, calls.set(node, world.now));
  }

  called({ process, node, command }: Call): void {
    const calls = this.#unanswered.get(process);
    if (!calls?.has(node)) return;
    const leaves = encodedIn(command).some(({ entries }) =>
      entries.some((entry) => entry.startsWith('-') && entry.includes(':called:')),
    );
    if (leaves) calls.delete(node);
  }

  #wants({ process }: Client): boolean {
    const { waiting, holdings } = this.#scene;
    for (const wait of waiting) if (wait.process === process) return true;
    return holdings.live.some((holding) => holding.process === process && holding.believed);
  }

  #check(process: ClientProcess): void {
    const { world, servers } = this.#scene;
    for (const [node, at] of this.#unanswered.get(process) ?? []) {
      if (at === world.now) continue;
      const name = servers[node]?.name ?? '';
      this.#scene.fail(
        'answers',
        `${process.name} wants nothing, and did not answer the call of ${name}`,
      );
    }
  }
}
