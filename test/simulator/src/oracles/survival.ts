import { counterOf, type Keyspace } from '../core.js';
import type { Plan } from '../plan/plan.js';
import type { Client } from '../run/client.js';
import type { Deployment } from '../run/deployment.js';
import type { Call, Oracle } from '../run/events.js';
import type { Holding } from '../run/holding.js';
import type { Scene } from '../run/scene.js';
import { operationsIn } from '../server/commands.js';
import type { Server } from '../server/server.js';
import { isHeldBy } from '../server/sharers.js';
import type { ClientProcess } from '../world/process.js';

/** What a message may take, as a multiple of the usual delay, for all messages of two attempts. */
const ROUND_TRIPS = 24;
/** For timers that are late, in ms. */
const SLACK = 20;
/** After a failed extension the next begins within a tenth of what is left. */
const LEFT_AFTER_PAUSE = 0.85;
/** By default a command may take this part of its ttl, within these ms. */
const TIMEOUT_PART = 0.05;
const DEFAULT_TIMEOUTS = [50, 1000] as const;
/** But at least so many round trips as measured on the node, all of whose messages may have been late. */
const MEASURED_ROUND_TRIPS = 3;
/** So long an acknowledgement of a node that has restarted does not count, in ms, or two timeouts. */
const DOUBT = 2000;

/**
 * A lock that is extended automatically is not lost while a quorum of nodes has it and could be asked, for
 * long enough that an extension begins and ends; unless somebody has tried to adopt it.
 */
export function survival(scene: Scene, { clients }: Pick<Deployment, 'clients'>): Oracle {
  /** Since when nothing has held up what this process asks of that server, in true time. */
  function calmSince(client: Client, server: Server, holding: Holding): number {
    const index = scene.servers.indexOf(server);
    const { dialer, redirectedAt = 0 } = client.connections[index] ?? {};
    const { up, down } = client.routes[index] ?? {};
    const isUp = server.state === 'running' && dialer?.isWhole;
    if (!isUp || !up || !down) return Infinity;
    const { plan } = scene;
    const doubt = Math.min(Math.max(DOUBT, 2 * timeoutOf(holding, plan)), plan.quarantineTime);
    // By the clock of the process, which may be slow.
    const known = dialer.upSince + (server.hasRestarted ? doubt / (1 - plan.driftFactor) : 0);
    return Math.max(known, redirectedAt, server.calmSince, up.disturbedUntil, down.disturbedUntil);
  }

  return {
    lost(holding: Holding): void {
      const client = clientOf(clients, holding.process);
      const { plan, world, servers, quorum } = scene;
      if (!client || client.isGone || plan.throws > 0 || !holding.isExtended) return;
      if (scene.replacements.isAdopted(holding.token)) return;
      const calm = servers
        .filter((server) => isOn(server, holding))
        .map((server) => calmSince(client, server, holding))
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
    },
  };
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
  const [least, most] = DEFAULT_TIMEOUTS;
  // A round trip that the core measures while a server stands still lengthens a timeout to half of the ttl at most.
  if (faults.slow > 0 || faults.stop > 0) return Math.min(Math.max(longestAsked / 2, least), most);
  const farthest = MEASURED_ROUND_TRIPS * 2 * Math.max(lag, longestTail);
  return Math.min(Math.max(TIMEOUT_PART * longestAsked, farthest, least), most);
}

/** An extension that has failed is repeated within this part of the validity that is left. */
const PAUSE = 0.1;
/** How late the timers of one extension may be in all, in ms. */
const LATENESS = 5;
/** How much longer the core waits for a connection, because it takes late timers for standstills, in ms. */
const STANDSTILLS = 25;

/** An automatic extension that is under way or has failed. */
interface Attempt {
  /** When its latest command was written, on the monotonic clock of the process. */
  at: number;
  /** The same moment in true time. */
  since: number;
  /** The latest command that extends the lock, by the position of its node. */
  readonly calls: Map<number, Call>;
}

/** The commands that one process gives to the client of one node. */
interface Contact {
  /** The commands that are not answered. */
  readonly open: Set<Call>;
  /** Since when the node answers all of them in time, on the monotonic clock of the process. */
  promptSince: number;
}

/**
 * An automatic extension that fails is repeated soon, if a quorum of nodes can be asked. The oracle judges by what is
 * asked alone: the nodes may refuse, or be in quarantine, or answer too late.
 */
export function retries(scene: Scene, { clients }: Pick<Deployment, 'clients'>): Oracle {
  const contactsOf = new Map<ClientProcess, Contact[]>();
  /** The latest one of each lock, by token. */
  const attempts = new Map<string, Attempt>();

  function began(token: string, call: Call): void {
    const holding = scene.holdings.firstOf(token);
    if (!holding) return;
    judge(holding);
    // A command of the caller's extension may leave after that was decided by votes that needed no command.
    const isOfCaller = holding.owner.extendingEndedAt === scene.world.now;
    if (holding.isExtendedByCaller || isOfCaller) {
      attempts.delete(token);
      return;
    }
    const known = attempts.get(token);
    // A command that has waited for a connection may belong to an extension that has succeeded meanwhile.
    if (!known && isFirstOfConnection(call)) return;
    const attempt = known ?? { at: 0, since: 0, calls: new Map() };
    attempt.at = call.at;
    attempt.since = scene.world.now;
    attempt.calls.set(call.node, call);
    attempts.set(token, attempt);
  }

  /** Whether the connection to its node was made at this moment. */
  function isFirstOfConnection({ process, node }: Call): boolean {
    const { dialer } = clientOf(clients, process)?.connections[node] ?? {};
    return dialer?.upSince === scene.world.now;
  }

  /** Looks whether the next extension should have begun before now. */
  function judge(holding: Holding): void {
    const { token, process, extendedUntil, ends } = holding;
    const attempt = attempts.get(token);
    const client = clientOf(clients, process);
    if (!attempt || !ends || !client || client.isGone || scene.plan.throws > 0) return;
    if (holding.isExtendedByCaller || process.calmSince > attempt.since) return;
    const due = dueOf(attempt, client, ends.mono);
    const until = Math.min(process.mono.read() - holding.overdue, extendedUntil - 1);
    if (until <= due) return;
    scene.fail(
      'retries',
      `${token} was extended in vain at ${attempt.at}, and no more until ${until}, although it was due at ${due}`,
    );
  }

  /**
   * When the next extension begins at the latest, if this one has failed.
   * @param ends when the validity ends
   */
  function dueOf(attempt: Attempt, client: Client, ends: number): number {
    const reach = reachOf(client);
    const { at } = attempt;
    // Before a quorum can be asked, an extension may begin that writes no command and so is not seen here.
    const end = reach <= at ? endOf(attempt, client) : reach + timeouts()[1] + STANDSTILLS;
    return end + Math.max(ends - end, 0) * PAUSE + LATENESS;
  }

  /** Since when the process can ask a quorum of nodes; Infinity: it cannot. */
  function reachOf(client: Client): number {
    const { quorum } = scene;
    const now = client.process.mono.read();
    const since = client.connections.map(({ dialer }, node) => {
      const { promptSince, open } = contactOf({ process: client.process, node });
      const isSilent = [...open].some((call) => isLate(call, now));
      if (!dialer.stream || isSilent) return Infinity;
      return Math.max(promptSince, client.process.mono.readAt(dialer.upSince));
    });
    return since.toSorted((a, b) => a - b)[quorum - 1] ?? Infinity;
  }

  /** When all nodes have voted, at the latest. */
  function endOf({ at, since, calls }: Attempt, { connections }: Client): number {
    const latest = at + timeouts()[1];
    const votes = connections.map(({ dialer, isCluster }, node) => {
      if (!dialer.stream || dialer.upSince > since) return latest + STANDSTILLS;
      // Redirections change the order of replies, so the vote may have to wait for the reply to an earlier INFO.
      if (isCluster) return latest;
      const call = calls.get(node);
      // If nothing was written although there is a connection, the node is silent and fails at once.
      return Math.min(Math.max(call?.answeredAt ?? at, at), latest);
    });
    return Math.max(...votes);
  }

  function contactOf({ process, node }: Pick<Call, 'process' | 'node'>): Contact {
    const contacts = contactsOf.get(process) ?? [];
    contactsOf.set(process, contacts);
    return (contacts[node] ??= { open: new Set(), promptSince: -Infinity });
  }

  function isLate({ at }: Call, now: number): boolean {
    return now - at >= timeouts()[0] - 1;
  }

  function timeouts(): readonly [least: number, most: number] {
    const { nodeTimeout } = scene.plan;
    return nodeTimeout === undefined ? DEFAULT_TIMEOUTS : [nodeTimeout, nodeTimeout];
  }

  return {
    called(call: Call): void {
      contactOf(call).open.add(call);
      for (const { verb, repairs, token } of operationsIn(call.command)) {
        if (verb === 'e' && !repairs) began(token, call);
      }
    },

    answered(call: Call): void {
      const contact = contactOf(call);
      contact.open.delete(call);
      if (isLate(call, call.answeredAt)) contact.promptSince = call.answeredAt;
    },

    renewed({ token }: Holding): void {
      attempts.delete(token);
    },

    lost(holding: Holding): void {
      judge(holding);
    },
  };
}

function clientOf(clients: readonly Client[], process: ClientProcess): Client | undefined {
  return clients.find((client) => client.process === process);
}

function isOn({ keyspace }: Server, { lock, token, fencingToken }: Holding): boolean {
  return lock.resources.every(
    (resource) =>
      isHeldBy(keyspace, resource, token) &&
      (fencingToken === 0 || counted(keyspace, resource) <= fencingToken),
  );
}
