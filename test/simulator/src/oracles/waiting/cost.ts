import type { Call, Oracle } from '../../run/events.js';
import type { Scene } from '../../run/scene.js';
import type { Wait } from '../../run/wait.js';
import { operationsIn } from '../../server/commands.js';

/** How many commands a node may be sent for one call that waits, with the release of what it is granted. */
const COMMANDS = 5;
/** Fewer calls say nothing about the mean. */
const ENOUGH = 8;
/** A poll may come so much sooner than usual. */
const EARLIEST_POLL = 0.9;

/**
 * While nothing is disturbed, a call that waits for one key costs each node at most five commands in the mean, and one more
 * for each poll: requests with a ticket, and releases that notify the next. A waiter for several keys requests more often,
 * because it tells the nodes for how long it keeps some of them. Each time that it gives them up, those that wait for one
 * of them are notified and request once more.
 */
export function cost(scene: Scene): Oracle {
  let commands = 0;
  let grants = 0;
  let ended = 0;
  /** Those of calls that have ended. */
  let endedPolls = 0;
  /** How many keys a node was given up by waiters for several keys. */
  let givenUp = 0;
  /** Since when nothing is disturbed, in true time. */
  let calmSince = 0;

  /** Begins anew after what is disturbed. */
  function look(): void {
    const { disturbances, world } = scene;
    if (!disturbances.isDisturbedSince(world.now)) return;
    commands = 0;
    grants = 0;
    ended = 0;
    endedPolls = 0;
    givenUp = 0;
    calmSince = world.now;
  }

  /** Whether a call wants one key, or one permit. */
  function isCounted({ resources }: Wait): boolean {
    return resources.length === 1 || scene.plan.semaphore !== null;
  }

  function pollsOf({ since, usualPoll }: Wait): number {
    const { world } = scene;
    return (world.now - Math.max(since, calmSince)) / (EARLIEST_POLL * usualPoll);
  }

  return {
    acquired(): void {
      look();
      grants++;
    },

    called({ command }: Call): void {
      look();
      const { nodes } = scene.plan;
      let isOfWaiting = false;
      for (const { verb, ticketed, queues, keys } of operationsIn(command)) {
        const notifies = verb === 'r' && queues.length > 0;
        if (keys.length === 1) isOfWaiting ||= ticketed !== null || notifies;
        else if (ticketed?.entry?.keep === 0) givenUp += keys.length / nodes;
      }
      if (isOfWaiting) commands += 1 / nodes;
    },

    waited(wait: Wait): void {
      look();
      if (!isCounted(wait)) return;
      ended++;
      endedPolls += pollsOf(wait);
      if (ended < ENOUGH) return;
      const waiting = [...scene.waiting].filter((each) => isCounted(each));
      const polls = waiting.reduce((sum, each) => sum + pollsOf(each), endedPolls);
      const budget = COMMANDS * (ended + waiting.length) + grants + polls + givenUp;
      // A poll may have begun.
      if (commands > budget + 1)
        scene.fail(
          'cost',
          `${ended} calls have cost ${commands.toFixed(1)} commands a node, and not ${budget.toFixed(1)}`,
        );
    },
  };
}
