import { CLOCK_STEP, type ClientVerb, type NodeVerb } from './action.js';
import type { Client } from './client.js';
import type { Server } from './server.js';

/** One way to act on a part. */
export interface Deed<Part> {
  /** Whether it would change anything now. */
  readonly isDue: (part: Part) => boolean;
  readonly act: (part: Part) => void;
}

const always = (): boolean => true;

export const SERVER_DEEDS: Readonly<Record<NodeVerb, Deed<Server>>> = {
  kill: { isDue: ({ state }) => state !== 'down', act: (server) => server.kill() },
  start: { isDue: ({ state }) => state === 'down', act: (server) => server.start() },
  pause: { isDue: ({ state }) => state === 'running', act: (server) => server.pause() },
  resume: { isDue: ({ state }) => state === 'paused', act: (server) => server.resume() },
  empty: { isDue: always, act: (server) => server.empty() },
  cut: { isDue: ({ isCut }) => !isCut, act: (server) => void (server.isCut = true) },
  join: { isDue: ({ isCut }) => isCut, act: (server) => void (server.isCut = false) },
  drop: {
    isDue: ({ dropsReplies }) => !dropsReplies,
    act: (server) => void (server.dropsReplies = true),
  },
  deliver: {
    isDue: ({ dropsReplies }) => dropsReplies,
    act: (server) => server.deliverReplies(),
  },
  forward: { isDue: always, act: (server) => server.setClock(CLOCK_STEP) },
  back: { isDue: always, act: (server) => server.setClock(-CLOCK_STEP) },
};

/** To start a client again makes another one, so the cluster does that itself. */
export const CLIENT_DEEDS: Readonly<Record<Exclude<ClientVerb, 'start'>, Deed<Client>>> = {
  kill: { isDue: ({ process }) => !process.crashed, act: (client) => client.kill() },
  pause: {
    isDue: ({ process }) => !process.crashed && !process.paused,
    act: ({ process }) => process.pause(),
  },
  resume: {
    isDue: ({ process }) => !process.crashed && process.paused,
    act: ({ process }) => process.wake(),
  },
  cut: { isDue: ({ isCut }) => !isCut, act: (client) => void (client.isCut = true) },
  join: { isDue: ({ isCut }) => isCut, act: (client) => void (client.isCut = false) },
  forward: {
    isDue: ({ process }) => !process.crashed,
    act: (client) => client.setClock(CLOCK_STEP),
  },
  back: {
    isDue: ({ process }) => !process.crashed,
    act: (client) => client.setClock(-CLOCK_STEP),
  },
};
