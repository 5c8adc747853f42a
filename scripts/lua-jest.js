import { createHash } from 'node:crypto';
import { moduleOf } from './lua.js';

// How Jest imports Lua.

export default {
  process: (_, path) => ({ code: moduleOf(path) }),
  // Of the whole module, because a file that is included may have changed.
  getCacheKey: (_, path) => createHash('sha1').update(moduleOf(path)).digest('hex'),
};
