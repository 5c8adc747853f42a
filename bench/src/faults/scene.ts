import { setTimeout as sleep } from 'node:timers/promises';
import type { Address } from '../libraries/library.js';
import { Actor } from './actor.js';
import type { Cast, Mishap } from './mishap.js';

export interface SceneResult {
  /** How long nobody had the lock, in ms. */
  readonly gap: number;
  readonly heirGotIt: boolean;
}

/** Pauses in ms: between arrivals, so that their order is certain, and then until all have subscribed. */
const APART = 30;
const SETTLED = 150;

/** Plays a mishap some times, with new processes for those that it ends. */
export async function playScenes(
  nodes: readonly Address[],
  mishap: Mishap,
  times: number,
): Promise<SceneResult[]> {
  const enter = (): Promise<Actor> => Actor.enter({ nodes, resource: 'stage', ttl: mishap.ttl });
  const enterAll = (): Promise<Actor[]> => Promise.all(Array.from({ length: 4 }, enter));
  let actors = await enterAll();
  const results: SceneResult[] = [];
  try {
    for (let time = 0; results.length < times; time++) {
      if (time > 2 * times) throw new Error(`It seldom happens: ${mishap.name}`);
      const [holder, first, second, third] = actors;
      if (!holder || !first || !second || !third) throw new Error('An actor is missing');
      const cast = { holder, first, second, third };
      const result = await play(cast, mishap);
      if (result !== null) results.push(result);
      await Promise.all(hurtIn(cast, mishap).map((actor) => actor.kill()));
      actors = await Promise.all(actors.map(async (actor) => (actor.isDead ? enter() : actor)));
    }
  } finally {
    await Promise.all(actors.map((actor) => actor.kill()));
  }
  return results;
}

/** @returns null if the one to be called had asked by itself before it was called */
async function play(cast: Cast, mishap: Mishap): Promise<SceneResult | null> {
  const { holder, first, second, third } = cast;
  const waiting = [first, second, third];
  const granted = await holder.do('take', 'granted');
  const ended = new AbortController();
  const grants = waiting.map((actor) => actor.did('granted', ended.signal));
  for (const grant of grants) grant.catch(() => {});
  for (const actor of waiting) {
    actor.cue('take');
    await sleep(APART);
  }
  await sleep(SETTLED);
  const free = await mishap.happen(cast, granted);
  const result = await passOn(cast, mishap, free, grants);
  ended.abort();
  if (result !== null) await mishap.check(cast);
  return result;
}

/** The waiting processes have the lock one after another. */
async function passOn(
  cast: Cast,
  mishap: Mishap,
  free: number,
  grants: readonly Promise<number>[],
): Promise<SceneResult | null> {
  const waiting = [cast.first, cast.second, cast.third];
  let left = waiting.map((actor, index) => ({ actor, grant: grants[index] }));
  const hurt = hurtIn(cast, mishap);
  let result: SceneResult | null = null;
  let freed = free;
  let escaped = false;
  while (left.some(({ actor }) => !hurt.includes(actor))) {
    const next = await Promise.race(
      left.map(async ({ actor, grant }) => ({ actor, at: (await grant) ?? NaN })),
    );
    if (next.at < freed) throw new Error(`Held twice: ${mishap.name}`);
    escaped ||= hurt.includes(next.actor);
    result ??= { gap: next.at - free, heirGotIt: next.actor === cast[mishap.heir] };
    left = left.filter(({ actor }) => actor !== next.actor);
    freed = await next.actor.do('release', 'released');
  }
  return escaped ? null : result;
}

/** The actors that a mishap leaves stopped or dead. */
function hurtIn({ first }: Cast, { heir }: Mishap): Actor[] {
  return heir === 'second' ? [first] : [];
}
