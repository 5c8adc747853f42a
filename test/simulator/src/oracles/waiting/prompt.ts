import { forgettingLasts } from '../../plan/assumptions.js';
import type { Client } from '../../run/client.js';
import type { Deployment } from '../../run/deployment.js';
import type { Call, Oracle } from '../../run/events.js';
import type { Holding } from '../../run/holding.js';
import type { Scene } from '../../run/scene.js';
import type { Wait } from '../../run/wait.js';
import { notificationOf, operationsIn, ticketedOf } from '../../server/commands.js';
import type { Server } from '../../server/server.js';
import type { ClientProcess } from '../../world/process.js';

/** Whether a node has none of some keys. */
function isFreeOn({ keyspace }: Server, keys: readonly string[]): boolean {
  return keys.every((key) => keyspace.get(key) === null);
}

/** The slowest way and back takes at most so many usual delays. */
const ROUND_TRIP = 6;
/** A window is so many round trips, within these ms. */
const WINDOW_ROUND_TRIPS = 4;
const WINDOWS = [10, 1000] as const;
/** The default timeout of a node is this part of a ttl, within these ms. */
const TIMEOUT_PART = 0.05;
const TIMEOUTS = [50, 1000] as const;
/** A request that is under way when its waiter is notified may have two rounds, and the next one waits for others to notify. */
const ROUND_TRIPS = 4;
/** For timers that are late, in ms. */
const SLACK = 15;

/**
 * While nothing is disturbed, a waiter that is notified requests again within some round trips, and a key that is free on a
 * quorum of nodes and that a living waiter wants is taken after one poll and a window for each waiter, at the latest.
 */
export function prompt(scene: Scene, deployment: Pick<Deployment, 'clients'>): Oracle {
  /** The first notification since the latest request, by process and ticket, in true time. */
  const notified = new Map<string, number>();
  const tickets = new Map<string, number>();
  /** The tickets that are waited with, and for what. */
  const tried = new Map<string, string>();
  /** Since when all that a call wants is free on a quorum, in true time, and for how long it may be so, in ms. */
  const vacancies = new Map<Wait, { readonly since: number; readonly longest: number }>();
  const fail = (what: string): void => scene.fail('prompt', what);

  /** Those of a process that were notified and wait for the same. The first of them requests for all. */
  function notifiedOf(process: ClientProcess, wanted: string | undefined): string[] {
    const isOfProcess = (id: string): boolean => id.startsWith(`${process.name} `);
    return [...notified.keys()].filter((id) => isOfProcess(id) && tried.get(id) === wanted);
  }

  function isOver(process: ClientProcess, ticket: number | undefined): void {
    const id = `${process.name} ${ticket}`;
    comesBack(id, process);
    tried.delete(id);
  }

  function comesBack(id: string, process: ClientProcess): void {
    const since = notified.get(id);
    notified.delete(id);
    if (since === undefined || scene.disturbances.isDisturbedSince(since)) return;
    if (!isConnected(process, since)) return;
    const took = scene.world.now - since;
    const longest = ROUND_TRIPS * roundTrip() + SLACK;
    if (took > longest)
      fail(`${id} was notified and has requested after ${took} ms, and not after ${longest}`);
  }

  /** Looks which keys are free that are wanted. */
  function look(): void {
    const { waiting, world, disturbances } = scene;
    if (disturbances.isDisturbedSince(world.now)) return;
    for (const wait of waiting) {
      const { process } = wait;
      if (!isFree(wait) || !isConnected(process) || wait.isOver) {
        vacancies.delete(wait);
        continue;
      }
      const known = vacancies.get(wait);
      if (known === undefined) scene.tally.vacancies++;
      const since = Math.max(known?.since ?? world.now, disturbances.over, distrustsUntil(process));
      // A waiter of the same process that polls more rarely may have gone by now.
      const longest = Math.max(known?.longest ?? 0, longestVacancy(wait));
      vacancies.set(wait, { since, longest });
      if (world.now - since > longest)
        fail(
          `${wait.resources.join('+')} is free for ${world.now - since} ms, and not for ${longest}, although ${process.name} waits`,
        );
    }
  }

  /**
   * Until when a process may have servers in quarantine. It begins when the process notices that they were restarted, which
   * may be long after: with the next connection.
   */
  function distrustsUntil(process: ClientProcess): number {
    const { crash, amnesia } = scene.plan.faults;
    if (scene.plan.quarantine === false || crash + amnesia === 0) return 0;
    const connections = connectionsOf(process).map(({ dialer }) => dialer.upSince);
    return Math.max(...connections) + forgettingLasts(scene.plan);
  }

  /** Whether a process has all its connections, since a moment. One that is lost may be noticed only when it is used. */
  function isConnected(process: ClientProcess, since = Infinity): boolean {
    const connections = connectionsOf(process);
    return (
      connections.length > 0 &&
      connections.every(
        ({ dialer, subscriber }) =>
          dialer.isWhole &&
          dialer.upSince <= since &&
          (subscriber.isIdle || (subscriber.dialer.isWhole && subscriber.dialer.upSince <= since)),
      )
    );
  }

  function connectionsOf(process: ClientProcess): Client['connections'] {
    return deployment.clients.find((each) => each.process === process)?.connections ?? [];
  }

  /** Whether a quorum of nodes could grant what a call wants: all of it, or of a semaphore one permit. */
  function isFree({ resources }: Wait): boolean {
    const { servers, quorum, plan } = scene;
    const isFreeOnQuorum = (keys: readonly string[]): boolean =>
      servers.filter((server) => isFreeOn(server, keys)).length >= quorum;
    return plan.semaphore
      ? resources.some((permit) => isFreeOnQuorum([permit]))
      : isFreeOnQuorum(resources);
  }

  function longestVacancy({ process }: Wait): number {
    const { plan, waiting } = scene;
    const isHeard = plan.mutes === 0 && plan.channels.every((channels) => channels === 'heard');
    const [least, most] = WINDOWS;
    const window = Math.min(Math.max(WINDOW_ROUND_TRIPS * roundTrip(), least), most);
    // The first of those that wait for the same in a process requests for all of them.
    const polls = [...waiting]
      .filter((each) => each.process === process)
      .map(({ longestPoll, longestUnheardPoll }) => (isHeard ? longestPoll : longestUnheardPoll));
    const poll = Math.max(...polls);
    return poll + window * (1 + waiting.size) + timeout() + ROUND_TRIPS * roundTrip() + SLACK;
  }

  function roundTrip(): number {
    return ROUND_TRIP * scene.plan.delay;
  }

  function timeout(): number {
    const { nodeTimeout, longestTtl } = scene.plan;
    const [least, most] = TIMEOUTS;
    return nodeTimeout ?? Math.min(Math.max(TIMEOUT_PART * longestTtl, least), most);
  }

  return {
    heard(process: ClientProcess, _node: number, text: string): void {
      const id = `${process.name} ${notificationOf(text).ticket}`;
      if (tried.has(id) && !notified.has(id)) notified.set(id, scene.world.now);
    },

    called({ process, command, node }: Call): void {
      for (const operation of operationsIn(command)) {
        const place = ticketedOf(operation);
        if (place) {
          const id = `${process.name} ${place.ticket}`;
          const wanted = `${operation.queues.join(' ')} ${operation.shared}`;
          tried.set(id, wanted);
          tickets.set(operation.token, place.ticket);
          for (const each of notifiedOf(process, wanted)) comesBack(each, process);
        }
        for (const ticket of operation.leaving?.tickets ?? []) isOver(process, Number(ticket));
      }
      if (node === 0) look();
    },

    acquired({ process, token }: Holding): void {
      const wanted = tried.get(`${process.name} ${tickets.get(token)}`);
      isOver(process, tickets.get(token));
      // Its process has what the others are notified of, by a request that was sent before they heard.
      for (const each of notifiedOf(process, wanted)) notified.delete(each);
      look();
    },

    waited(wait: Wait): void {
      vacancies.delete(wait);
    },
  };
}
