import { setOf } from '../core.js';
import type { Client } from '../run/client.js';
import type { Scene } from '../run/scene.js';
import { holdersOn, livingIn } from '../server/sharers.js';

/**
 * Once all is quiet, no node has a key of an attempt that failed, or of a lock that was released or
 * lost, of a process that lives; but for what a network has delivered on a connection that had a
 * successor, which is released when the node is next connected, and for what a failed adoption has put
 * back when its holder had gone.
 */
export function remains(scene: Scene, clients: readonly Client[]): void {
  for (const [index, { name, keyspace }] of scene.servers.entries()) {
    for (const resource of scene.plan.resources) {
      for (const token of holdersOn(keyspace, resource)) {
        const client = clients.find(({ process }) => process.tokens.has(token));
        if (!client || client.isGone || client.connections[index]?.isOvertaken(token)) continue;
        if (!mayStay(scene, token) && !scene.replacements.isRestored(name, token))
          scene.fail('remains', `${token} was left behind on ${name}`);
      }
    }
  }
}

function mayStay({ holdings, replacements }: Scene, token: string): boolean {
  return holdings.all.some(
    (holding) =>
      (holding.token === token && (holding.detached || holding.keptFor > 0)) ||
      (holding.token === replacements.originOf(token) && holding.keptFor > 0),
  );
}

/** When the time of every lock is over, no node has a key. */
export function expectNoKeys(scene: Scene): void {
  for (const { name, keyspace } of scene.servers) {
    for (const resource of scene.plan.resources) {
      const token = keyspace.get(resource);
      if (token !== null) scene.fail('expiry', `${token} is still on ${name}`);
      const [member] = livingIn(keyspace, setOf(resource)).keys();
      if (member !== undefined)
        scene.fail('expiry', `${member} is still in ${setOf(resource)} on ${name}`);
    }
  }
}

/** A process that has closed its Redlock has neither timers nor subscriptions. */
export function expectIdle(scene: Scene, closed: readonly Client[]): void {
  for (const { process, connections } of closed) {
    if (process.pendingTimers > 0) scene.fail('timers', `${process.name} has timers left`);
    if (connections.every(({ subscriber }) => subscriber.isIdle)) continue;
    scene.fail('timers', `${process.name} has subscriptions left`);
  }
}
