import { actionOf, type TimedAction } from '../world/action.js';
import { PRESETS } from './presets.js';
import { LONGEST_RUN, type RunState } from './run.js';

const PREFIX = '#cluster=';
const MOST_SEED = 2 ** 32 - 1;
/** A link that somebody has made up must not keep the page busy. */
const MOST_ACTIONS = 1000;

/** The hash of a link, as `#cluster=pause,1,5200,1200.n1.kill,3400.A-n2.cut`. */
export function hashOf({ preset, seed, actions, time }: RunState): string {
  const deeds = actions.map((each) => `${each.time}.${each.action.part}.${each.action.verb}`);
  return PREFIX + [preset.id, seed, time, ...deeds].join(',');
}

/** @returns null: the hash is none of ours, or not a good one */
export function stateOf(hash: string): RunState | null {
  if (!hash.startsWith(PREFIX)) return null;
  const [id, seedText = '', timeText = '', ...deeds] = hash.slice(PREFIX.length).split(',');
  const preset = PRESETS.find((each) => each.id === id);
  const seed = wholeNumber(seedText, MOST_SEED);
  const time = wholeNumber(timeText, LONGEST_RUN);
  if (!preset || seed === null || time === null || deeds.length > MOST_ACTIONS) return null;
  const actions: TimedAction[] = [];
  for (const deed of deeds) {
    const [when = '', part = '', verb = ''] = deed.split('.');
    const at = wholeNumber(when, time);
    const action = actionOf(part, verb);
    if (at === null || at < (actions.at(-1)?.time ?? 0) || !action) return null;
    actions.push({ time: at, action });
  }
  return { preset, seed, actions, time };
}

function wholeNumber(text: string, most: number): number | null {
  const number = Number(text);
  return /^\d{1,10}$/.test(text) && number <= most ? number : null;
}
