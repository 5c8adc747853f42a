import { world } from './world.js';

export { after, type ProcessOptions } from './world.js';

/** Goes: use `world()`. */
export function threeServers() {
  const { time, servers, process } = world();
  return { runtime: time, servers, process };
}
