import { type ButtonHTMLAttributes, h, type Ref, type VNode } from 'vue';
import type { Cluster } from '../world/cluster.js';
import { deedsOf, type Verb, VERBS } from '../world/deeds.js';
import { Path } from '../world/network.js';
import { CLIENTS, isClient, NODES, type PartName } from '../world/parts.js';
import { type Player, type Speed, SPEEDS } from './player.js';

/** Verbs of which one undoes the other share a button. */
const BUTTONS: readonly (readonly [Verb, ...Verb[]])[] = [
  ['kill', 'start'],
  ['empty'],
  ['pause', 'resume'],
  ['cut', 'join'],
  ['forward'],
  ['back'],
];

export function button(label: string, onClick: () => void, more: ButtonHTMLAttributes = {}): VNode {
  return h('button', { type: 'button', onClick, ...more }, label);
}

/** What the visitor can do with a run as a whole. */
export function transport(player: Player): VNode {
  const { isPlaying, speed, cluster } = player;
  const { preset, seed } = cluster.value;
  const play = isPlaying.value ? 'Pause' : 'Play';
  return (
    <div class="transport">
      <div class="group" role="group" aria-label="Play">
        {button(play, () => player.play(!isPlaying.value), { class: 'primary' })}
        {button('To the end', () => player.toEnd())}
        {button('Again', () => player.begin(preset, seed))}
        {button('Another run', () => player.begin(preset, seed + 1))}
      </div>
      <div class="group joined" role="group" aria-label="Speed">
        {(Object.keys(SPEEDS) as Speed[]).map((each) =>
          button(each, () => (speed.value = each), { 'aria-pressed': each === speed.value }),
        )}
      </div>
    </div>
  );
}

/** What the visitor can do to nodes, clients, and the paths between them. */
export function interventions(player: Player, chosen: Ref<PartName>): VNode {
  const cluster = player.cluster.value;
  const buttons = (name: PartName): VNode[] => {
    const part = cluster.part(name);
    const deeds = deedsOf(part);
    return BUTTONS.filter(([verb]) => deeds.has(verb)).map((verbs) => {
      const due = verbs.find((verb) => deeds.get(verb));
      const [label] = VERBS[due ?? verbs[0]];
      const text = part instanceof Path ? `${label} ${name}` : label;
      // Not `disabled`, which would take the focus away from a visitor at a keyboard.
      return button(text, () => due && player.do((now) => now.act(name, due)), {
        'aria-disabled': !due,
      });
    });
  };
  const paths = cluster.paths.filter(
    ({ client, end }) => end !== 'storage' && (client === chosen.value || end === chosen.value),
  );
  return (
    <section class="interventions" aria-label="Interfere">
      <p class="quiet">Choose a node or a client, here or in the picture, and interfere:</p>
      <div class="group joined" role="group" aria-label="Part of the cluster">
        {[...NODES, ...CLIENTS].map((part) =>
          button(part, () => (chosen.value = part), {
            class: `part ${part}`,
            'aria-label': `${isClient(part) ? 'Client' : 'Node'} ${part}`,
            'aria-pressed': part === chosen.value,
          }),
        )}
      </div>
      <div class="group" role="group" aria-label={`What to do to ${chosen.value}`}>
        {buttons(chosen.value)}
      </div>
      <div class="group" role="group" aria-label={`Paths of ${chosen.value}`}>
        {paths.map(({ name }) => buttons(name as PartName))}
      </div>
    </section>
  );
}

/** The last 60 things that have happened, the latest first. */
export function events({ journal }: Cluster): VNode {
  const shown = journal.entries.slice(-60).toReversed();
  return (
    <ol class="events" tabindex={0} aria-label="Events, the latest first">
      {shown.map(({ time, tone, text }) => (
        <li class={tone}>
          <time>{(time / 1000).toFixed(2)} s</time>
          <span>{text}</span>
        </li>
      ))}
    </ol>
  );
}
