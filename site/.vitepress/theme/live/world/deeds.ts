import { Client } from './client.js';
import type { Path } from './network.js';
import { Server } from './server.js';

/** By how much a clock is set forward or back, in ms. */
const STEP = 3000;
const BY = `${STEP / 1000} s`;

/** What can be done to parts of the cluster: the label of its button, and what the journal says of the part. */
export const VERBS = {
  kill: ['Kill', 'is killed'],
  start: ['Start again', 'starts again'],
  empty: ['Restart without data', 'restarts without its data'],
  pause: ['Pause', 'is paused'],
  resume: ['Resume', 'resumes'],
  cut: ['Cut off', 'is cut off'],
  join: ['Reconnect', 'is connected again'],
  forward: [`Clock +${BY}`, `has its clock set forward by ${BY}`],
  back: [`Clock −${BY}`, `has its clock set back by ${BY}`],
} as const;

export type Verb = keyof typeof VERBS;
export type Part = Server | Client | Path;

/** Whether something would change a part now, and does it. */
type Deeds<P> = Partial<Record<Verb, readonly [(part: P) => boolean, (part: P) => void]>>;

const HOST_DEEDS: Deeds<Server | Client> = {
  kill: [({ state }) => state !== 'down', (host) => host.kill()],
  start: [({ state }) => state === 'down', (host) => host.restart()],
  pause: [({ state }) => state === 'running', (host) => host.pause()],
  resume: [({ state }) => state === 'paused', (host) => host.resume()],
  cut: [({ isCut }) => !isCut, (host) => void (host.isCut = true)],
  join: [({ isCut }) => isCut, (host) => void (host.isCut = false)],
  forward: [({ state }) => state !== 'down', (host) => host.setClock(STEP)],
  back: [({ state }) => state !== 'down', (host) => host.setClock(-STEP)],
};

const SERVER_DEEDS: Deeds<Server> = {
  ...HOST_DEEDS,
  empty: [() => true, (server) => server.empty()],
};

const PATH_DEEDS: Deeds<Path> = {
  cut: [({ isSevered }) => !isSevered, (path) => void (path.isSevered = true)],
  join: [({ isSevered }) => isSevered, (path) => void (path.isSevered = false)],
};

/** What can be done to a part, each with what does it now; null: it would not change anything, as to kill what is down. */
export function deedsOf(part: Part): ReadonlyMap<Verb, (() => void) | null> {
  if (part instanceof Server) return bind(part, SERVER_DEEDS);
  return part instanceof Client ? bind(part, HOST_DEEDS) : bind(part, PATH_DEEDS);
}

function bind<P>(part: P, deeds: Deeds<P>): ReadonlyMap<Verb, (() => void) | null> {
  const all = Object.entries(deeds) as [Verb, NonNullable<Deeds<P>[Verb]>][];
  return new Map(all.map(([verb, [isDue, act]]) => [verb, isDue(part) ? () => act(part) : null]));
}
