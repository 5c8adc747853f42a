import type { Client } from '../run/client.js';
import { calledBy, processOf } from '../run/queue-member.js';
import type { Scene } from '../run/scene.js';
import type { Server } from '../server/server.js';

/**
 * Once nobody waits, no process that lives stands in the queue of a node that it could reach; and if it could not, it is
 * passed over: the node knows of nobody who would hear the call.
 */
export function leftInQueues(scene: Scene, clients: readonly Client[]): void {
  for (const server of scene.servers) {
    for (const queue of scene.queues) {
      for (const member of server.membersOf(queue)) {
        const { channel } = calledBy(member);
        const client = clients.find(({ process }) => process.name === processOf(channel));
        const since = scene.enteredAt.get(`${server.name} ${member}`) ?? 0;
        const isExcused = scene.isDisturbedSince(since) || hasHeldSince(scene, client, since);
        const isPassedOver = isExcused && !server.hasReceiver(channel);
        if (!client || client.isGone || isPassedOver) continue;
        scene.fail(
          'queues',
          `${client.process.name} waits for nothing, and stands in ${queue} of ${server.name}`,
        );
      }
    }
  }
}

/**
 * Whether a process has had a lock since it entered a queue. A node that has not granted that lock keeps the entry of the
 * try, which only a release would have taken out.
 */
function hasHeldSince({ holdings }: Scene, client: Client | undefined, time: number): boolean {
  return holdings.some(({ process, since }) => process === client?.process && since >= time);
}

/** Later than every entry may stay, no node has a queue. */
export function remainingQueues(scene: Scene): void {
  for (const server of scene.servers) checkQueues(server, scene);
}

function checkQueues(server: Server, scene: Scene): void {
  for (const queue of scene.queues) {
    const [member] = server.membersOf(queue);
    if (member !== undefined)
      scene.fail('queues', `${member} is still in ${queue} of ${server.name}`);
  }
}
