import type { Deployment } from '../run/deployment.js';
import type { Client } from '../run/client.js';
import { counterOf, type Keyspace } from '../core.js';
import type { Holding } from '../run/holding.js';
import type { Oracle } from '../run/events.js';
import type { Plan } from '../plan/plan.js';
import type { Scene } from '../run/scene.js';
import type { Server } from '../server/server.js';
import { isHeldBy } from '../server/sharers.js';

/** What a message may take, as a multiple of the usual delay, for all messages of two attempts. */
const ROUND_TRIPS = 24;
/** For timers that are late, in ms. */
const SLACK = 20;
/** After a failed extension the next begins within a tenth of what is left. */
const LEFT_AFTER_PAUSE = 0.85;
/** By default a command may take this part of its ttl, within these ms. */
const TIMEOUT_PART = 0.05;
const TIMEOUTS = [50, 1000] as const;
/** But at least so many round trips as measured on the node, all of whose messages may have been late. */
const MEASURED_ROUND_TRIPS = 3;
/** So long an acknowledgement of a node that has restarted does not count, in ms, or two timeouts. */
const DOUBT = 2000;

/**
 * A lock that is extended automatically is not lost while a quorum of nodes has it and could be asked, for
 * long enough that an extension begins and ends; unless somebody has tried to adopt it.
 */
export class Survival implements Oracle {
  constructor(
    private readonly scene: Scene,
    private readonly deployment: Pick<Deployment, 'clients'>,
  ) {}

  lost(holding: Holding): void {
    const client = this.#clientOf(holding);
    const scene = this.scene;
    const { plan, world, servers, quorum } = scene;
    if (!client || client.isGone || plan.throws > 0 || !holding.isExtended) return;
    if (scene.replacements.isAdopted(holding.token)) return;
    const calm = servers
      .filter((server) => this.#isOn(server, holding))
      .map((server) => this.#calmSince(client, server, holding))
      .toSorted((a, b) => a - b)[quorum - 1];
    if (calm === undefined) return;
    const timeout = timeoutOf(holding, plan);
    // Replies that come too late by chance alone may fail any number of extensions in a row.
    if (plan.tail > 0 && timeout < plan.longestTail) return;
    const needed = timeout + ROUND_TRIPS * plan.delay + SLACK;
    // A ttl may be too short for one extension that waits for a turn, or for a node that is away.
    if (holding.shortestAsked * (1 - plan.driftFactor) <= needed) return;
    const since = Math.max(calm, client.process.calmSince, holding.since);
    const had = world.now - holding.overdue - since;
    if (had * LEFT_AFTER_PAUSE <= needed) return;
    scene.fail(
      'survival',
      `${holding.token} was lost although a quorum could be asked for ${had} ms`,
    );
  }

  #clientOf({ process }: Holding): Client | undefined {
    return this.deployment.clients.find((client) => client.process === process);
  }

  #isOn({ keyspace }: Server, { lock, token, fencingToken }: Holding): boolean {
    return lock.resources.every(
      (resource) =>
        isHeldBy(keyspace, resource, token) &&
        (fencingToken === 0 || counted(keyspace, resource) <= fencingToken),
    );
  }

  /** Since when nothing has held up what this process asks of that server, in true time. */
  #calmSince(client: Client, server: Server, holding: Holding): number {
    const index = this.scene.servers.indexOf(server);
    const { dialer, redirectedAt = 0 } = client.connections[index] ?? {};
    const { up, down } = client.routes[index] ?? {};
    const isUp = server.state === 'running' && dialer?.isWhole;
    if (!isUp || !up || !down) return Infinity;
    const { plan } = this.scene;
    const doubt = Math.min(Math.max(DOUBT, 2 * timeoutOf(holding, plan)), plan.quarantineTime);
    // By the clock of the process, which may be slow.
    const known = dialer.upSince + (server.hasRestarted ? doubt / (1 - plan.driftFactor) : 0);
    return Math.max(known, redirectedAt, server.calmSince, up.disturbedUntil, down.disturbedUntil);
  }
}

function counted(keyspace: Keyspace, resource: string): number {
  return Number(keyspace.get(counterOf(resource)) ?? 0);
}

/** The longest that an extension may wait for the reply of a node that is away. */
function timeoutOf(
  { longestAsked }: Holding,
  { nodeTimeout, lag, longestTail, faults }: Plan,
): number {
  if (nodeTimeout !== undefined) return nodeTimeout;
  const [least, most] = TIMEOUTS;
  // A round trip that the core measures while a server stands still lengthens a timeout to half of the ttl at most.
  if (faults.slow > 0 || faults.stop > 0) return Math.min(Math.max(longestAsked / 2, least), most);
  const farthest = MEASURED_ROUND_TRIPS * 2 * Math.max(lag, longestTail);
  return Math.min(Math.max(TIMEOUT_PART * longestAsked, farthest, least), most);
}
