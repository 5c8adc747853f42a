import { calledBy, processOf } from '../commands/queue-member.js';
import { queuesOf } from '../commands/queue-name.js';
import { RESENT } from '../network/connection.js';
import type { Client } from '../run/client.js';
import type { Scene } from '../run/scene.js';

/**
 * Once nobody waits, no process that lives stands in the queue of a node that it could reach; and if it could not, or what
 * it sent before it left came late by a new connection, it is passed over: the node knows of nobody who would hear the call.
 */
export function leftInQueues(scene: Scene, clients: readonly Client[]): void {
  for (const [index, server] of scene.servers.entries()) {
    for (const queue of queuesOf(scene.plan.resources)) {
      for (const member of server.membersOf(queue)) {
        const { channel } = calledBy(member);
        const client = clients.find(({ process }) => process.name === processOf(channel));
        const since = scene.queueEntries.since(server.name, member);
        const isDisturbed = scene.disturbances.isDisturbedSince(since);
        const upSince = client?.connections[index]?.dialer.upSince ?? 0;
        const isSentAgain = upSince + RESENT * scene.plan.delay >= since;
        const isExcused = isDisturbed || isSentAgain || hasHeldSince(scene, client, since);
        const isPassedOver = isExcused && !server.channels.hasReceiver(channel);
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
  return holdings.all.some(({ process, since }) => process === client?.process && since >= time);
}

/** Later than every entry may stay, no node has a queue. */
export function remainingQueues(scene: Scene): void {
  for (const server of scene.servers) {
    for (const queue of queuesOf(scene.plan.resources)) {
      const [member] = server.membersOf(queue);
      if (member !== undefined)
        scene.fail('queues', `${member} is still in ${queue} of ${server.name}`);
    }
  }
}
