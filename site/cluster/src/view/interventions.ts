import type { Action, Verb } from '../world/action.js';
import { actionOf, CLOCK_STEP } from '../world/action.js';
import type { Cluster } from '../world/cluster.js';
import {
  CLIENTS,
  isNode,
  NODES,
  pathName,
  type ClientName,
  type NodeName,
} from '../world/names.js';
import { button, html, set, setText } from './markup.js';

type Part = NodeName | ClientName;

const STEP = `${CLOCK_STEP / 1000} s`;

const LABELS: Readonly<Record<Verb, string>> = {
  kill: 'Kill',
  start: 'Start again',
  empty: 'Restart without data',
  pause: 'Pause',
  resume: 'Resume',
  cut: 'Cut off',
  join: 'Reconnect',
  drop: 'Lose replies',
  deliver: 'Deliver replies',
  forward: `Clock +${STEP}`,
  back: `Clock −${STEP}`,
};

/** The verbs of each button: one that undoes another takes its place. */
const OF_NODE: readonly (readonly Verb[])[] = [
  ['kill', 'start'],
  ['empty'],
  ['pause', 'resume'],
  ['cut', 'join'],
  ['drop', 'deliver'],
  ['forward'],
  ['back'],
];
const OF_CLIENT: readonly (readonly Verb[])[] = [
  ['kill', 'start'],
  ['pause', 'resume'],
  ['cut', 'join'],
  ['forward'],
  ['back'],
];

interface Control {
  readonly element: HTMLButtonElement;
  readonly actions: readonly Action[];
  readonly label: (action: Action) => string;
}

/** What the visitor can do to nodes, clients, and the paths between them. */
export class Interventions {
  readonly element: HTMLElement;
  chosen: Part = 'n1';
  readonly #cluster: () => Cluster;
  readonly #act: (action: Action) => void;
  readonly #parts: readonly { readonly part: Part; readonly element: HTMLButtonElement }[];
  readonly #actions = html('div', { class: 'group', role: 'group' });
  readonly #paths = html('div', { class: 'group', role: 'group' });
  #controls: readonly Control[] = [];

  /** @param onChosen called when the visitor has chosen another part */
  constructor(cluster: () => Cluster, act: (action: Action) => void, onChosen: () => void) {
    this.#cluster = cluster;
    this.#act = act;
    this.#parts = [...NODES, ...CLIENTS].map((part) => ({
      part,
      element: button(
        part,
        () => {
          this.choose(part);
          onChosen();
        },
        { class: `part ${part}`, 'aria-label': `${isNode(part) ? 'Node' : 'Client'} ${part}` },
      ),
    }));
    this.element = html(
      'section',
      { class: 'interventions', 'aria-label': 'Interfere' },
      html(
        'p',
        { class: 'quiet' },
        'Choose a node or a client, here or in the picture, and interfere:',
      ),
      html(
        'div',
        { class: 'group joined', role: 'group', 'aria-label': 'Part of the cluster' },
        ...this.#parts.map(({ element }) => element),
      ),
      this.#actions,
      this.#paths,
    );
    this.choose(this.chosen);
  }

  choose(part: Part): void {
    this.chosen = part;
    const verbs = isNode(part) ? OF_NODE : OF_CLIENT;
    const controls = verbs.map((each) =>
      this.#control(actionsOf(part, each), ({ verb }) => LABELS[verb]),
    );
    const paths = isNode(part)
      ? CLIENTS.map((client) => ({ end: client, path: pathName(client, part) }))
      : NODES.map((node) => ({ end: node, path: pathName(part, node) }));
    const cuts = paths.map(({ end, path }) =>
      this.#control(actionsOf(path, ['cut', 'join']), ({ verb }) =>
        verb === 'cut' ? `Cut ${part}–${end}` : `Join ${part}–${end}`,
      ),
    );
    this.#controls = [...controls, ...cuts];
    set(this.#actions, { 'aria-label': `What to do to ${part}` });
    set(this.#paths, { 'aria-label': `Paths of ${part}` });
    this.#actions.replaceChildren(...controls.map(({ element }) => element));
    this.#paths.replaceChildren(...cuts.map(({ element }) => element));
    this.update();
  }

  update(): void {
    const cluster = this.#cluster();
    for (const { part, element } of this.#parts) {
      set(element, { 'aria-pressed': String(part === this.chosen) });
    }
    for (const { element, actions, label } of this.#controls) {
      const action = actions.find((each) => cluster.isDue(each));
      // Not `disabled`, which would take the focus away from somebody at a keyboard.
      set(element, { 'aria-disabled': String(action === undefined) });
      const shown = action ?? actions[0];
      if (shown) setText(element, label(shown));
    }
  }

  #control(actions: readonly Action[], label: Control['label']): Control {
    const act = (): void => {
      const action = actions.find((each) => this.#cluster().isDue(each));
      if (action) this.#act(action);
    };
    return { element: button('', act), actions, label };
  }
}

function actionsOf(part: string, verbs: readonly Verb[]): readonly Action[] {
  return verbs.flatMap((verb) => actionOf(part, verb) ?? []);
}
