import type { Check } from './check.js';

/** Finds nodes about which other checks know nothing, because the user may not ask. */
export const visibility: Check = ({ nodes }) =>
  nodes
    .filter(({ failure, servers }) => failure === null && servers.length === 0)
    .map(({ name }) => ({
      level: 'note',
      code: 'NOT_LOOKED_AT',
      node: name,
      message:
        'the user may not use INFO, so nobody has looked whether it is a server of its own, remembers, evicts, has ' +
        'replicas, or is too old',
      remedy: 'run this as a user with +info',
    }));
