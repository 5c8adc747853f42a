import type { JobKind } from './job-kind.js';

/** Is told who leads, and each change of that once. */
export const OBSERVING: JobKind = {
  name: 'observe',
  weight: ({ scene }) => (scene.plan.elects ? 1 : 0),

  async run(caller) {
    const { redlock, wishes, scene, client } = caller;
    const [name] = scene.plan.resources;
    const signal = wishes.signal([1, 5]);
    await client.calling('observe', follow());

    async function follow(): Promise<void> {
      let isFree = false;
      for await (const leader of redlock.election(name, wishes.ttl()).observe({ signal })) {
        scene.tally.observations++;
        if (leader === null && isFree)
          scene.fail('observation', 'nobody leads, and that was told twice');
        isFree = leader === null;
      }
      if (!signal.aborted) scene.fail('observation', 'it has ended, and was not told to');
    }
  },
};
