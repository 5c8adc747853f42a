import { setTimeout as sleep } from 'node:timers/promises';
import { type Laboratory, type Site, SITES } from './laboratory.js';

/** What happens to the sites while their clients work. */
export interface Situation {
  readonly name: string;
  /** Whether the clients of one site reach the nodes of another all the time. */
  reaches(from: Site, to: Site): boolean;
  /** Begins it, and resolves with what ends it. */
  begin(laboratory: Laboratory): Promise<() => Promise<void>>;
}

/** How long a site that flaps is away, and there, in ms. */
const FLAP = 500;

export const ALL_UP: Situation = {
  name: 'all sites there',
  reaches: () => true,
  begin: () => Promise.resolve(() => Promise.resolve()),
};

export function cutOff(site: Site): Situation {
  return {
    name: `${site} cut off`,
    reaches: (from, to) => from === to || (from !== site && to !== site),
    begin: (laboratory) => {
      laboratory.isolate(site);
      return Promise.resolve(() => laboratory.restore());
    },
  };
}

function oneWay(one: Site, other: Site): Situation {
  return {
    name: `${one} does not reach ${other}, ${other} reaches ${one}`,
    reaches: (from, to) => !(from === one && to === other),
    begin: (laboratory) => {
      laboratory.silence(one, other);
      return Promise.resolve(() => laboratory.restore());
    },
  };
}

function flapping(site: Site): Situation {
  return {
    ...cutOff(site),
    name: `${site} flaps, ${FLAP / 1000} s away and ${FLAP / 1000} s there`,
    begin: (laboratory) => {
      const ended = new AbortController();
      const flaps = flap(laboratory, site, ended.signal);
      return Promise.resolve(async () => {
        ended.abort();
        await flaps;
      });
    },
  };
}

export const SITUATIONS: readonly Situation[] = [
  ALL_UP,
  ...SITES.toReversed().map(cutOff),
  oneWay('A', 'B'),
  flapping('C'),
  flapping('B'),
];

async function flap(laboratory: Laboratory, site: Site, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    laboratory.isolate(site);
    await pause(ended);
    await laboratory.restore();
    await pause(ended);
  }
}

async function pause(ended: AbortSignal): Promise<void> {
  await sleep(FLAP, undefined, { signal: ended }).catch(() => {});
}
