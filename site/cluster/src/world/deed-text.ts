import { CLOCK_STEP, type Action, type Verb } from './action.js';
import { isClient, isNode } from './names.js';

const STEP = `${CLOCK_STEP / 1000} s`;

const OF_NODE: Readonly<Record<Verb, string>> = {
  kill: 'is killed',
  start: 'is started again, with its data',
  pause: 'is paused',
  resume: 'goes on',
  cut: 'is cut off from all clients',
  join: 'can be reached again',
  drop: 'loses its replies',
  deliver: 'delivers its replies again',
  empty: 'restarts without its data',
  forward: `: its clock is set ${STEP} forward`,
  back: `: its clock is set ${STEP} back`,
};

const OF_CLIENT: Readonly<Partial<Record<Verb, string>>> = {
  start: 'is started again, as a new process',
  pause: 'is paused: its code stands still, and its clocks go on',
  resume: 'wakes up',
  cut: 'is cut off from all nodes',
  join: 'can reach the nodes again',
  forward: `: its wall clock is set ${STEP} forward`,
  back: `: its wall clock is set ${STEP} back`,
};

/** An action as a sentence. */
export function deedText({ part, verb }: Action): string {
  if (isNode(part)) return sentence(part, OF_NODE[verb]);
  if (isClient(part)) return sentence(part, OF_CLIENT[verb] ?? OF_NODE[verb]);
  const [client = '', node = ''] = part.split('-');
  return verb === 'cut'
    ? `The path between ${client} and ${node} is cut.`
    : `The path between ${client} and ${node} is open again.`;
}

function sentence(part: string, text: string): string {
  return text.startsWith(':') ? `${part}${text}.` : `${part} ${text}.`;
}
