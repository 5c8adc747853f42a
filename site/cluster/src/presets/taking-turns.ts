import { CLIENTS } from '../world/names.js';
import { DEFAULTS } from '../world/settings.js';
import type { Preset } from './preset.js';

export const TAKING_TURNS: Preset = {
  id: 'turns',
  title: 'Taking turns',
  sentence:
    'Three clients want one lock. Whoever is denied waits in the queues of the nodes, and the nodes call the first one as soon as the lock is free.',
  ending: 'Each client has had the lock twice, never two of them at the same time.',
  settings: DEFAULTS,
  steps: [],
  isOver: ({ journal: { facts } }) => CLIENTS.every((client) => facts.grants[client] >= 2),
};
