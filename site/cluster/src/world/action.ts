import { CLIENTS, isClient, isNode, NODES, pathName, type PartName } from './names.js';
import type { ClientName, NodeName, PathName } from './names.js';

const NODE_VERBS = [
  'kill',
  'start',
  'empty',
  'pause',
  'resume',
  'cut',
  'join',
  'drop',
  'deliver',
  'forward',
  'back',
] as const;
const CLIENT_VERBS = [
  'kill',
  'start',
  'pause',
  'resume',
  'cut',
  'join',
  'forward',
  'back',
] as const;
const PATH_VERBS = ['cut', 'join'] as const;

export type NodeVerb = (typeof NODE_VERBS)[number];
export type ClientVerb = (typeof CLIENT_VERBS)[number];
type PathVerb = (typeof PATH_VERBS)[number];
export type Verb = NodeVerb;

/** Something that is done to a part of the cluster, by a visitor or by a preset. */
export type Action =
  | { readonly part: NodeName; readonly verb: NodeVerb }
  | { readonly part: ClientName; readonly verb: ClientVerb }
  | { readonly part: PathName; readonly verb: PathVerb };

/** An action, and when it is done, in whole ms of the world. */
export interface TimedAction {
  readonly time: number;
  readonly action: Action;
}

/** By how much a clock is set forward or back, in ms. */
export const CLOCK_STEP = 3000;

const PATHS: ReadonlySet<string> = new Set(
  CLIENTS.flatMap((client) => NODES.map((node) => pathName(client, node))),
);

/** The actions on a part, whether they are due now or not. */
function actionsOn(part: PartName): readonly Action[] {
  if (isNode(part)) return NODE_VERBS.map((verb) => ({ part, verb }));
  if (isClient(part)) return CLIENT_VERBS.map((verb) => ({ part, verb }));
  return PATH_VERBS.map((verb) => ({ part, verb }));
}

/** @returns `undefined`: there is no such part, or no such verb for it */
export function actionOf(part: string, verb: string): Action | undefined {
  if (!isNode(part) && !isClient(part) && !isPath(part)) return undefined;
  return actionsOn(part).find((action) => action.verb === verb);
}

function isPath(part: string): part is PathName {
  return PATHS.has(part);
}
