import type { Check } from './check.js';

const LOCAL = /^(localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/i;

/** Finds nodes that fall together with their host. It knows hosts by the names of nodes, if those are host:port. */
export const hosts: Check = ({ nodes }) => {
  const byHost = new Map<string, string[]>();
  for (const { name } of nodes) {
    const [, host] = /^(.+):\d+$/.exec(name) ?? [];
    if (host === undefined) continue;
    const id = LOCAL.test(host) ? 'localhost' : host;
    byHost.set(id, [...(byHost.get(id) ?? []), name]);
  }
  return [...byHost]
    .filter(([, names]) => names.length > 1)
    .map(([host, names]) => ({
      level: 'note',
      code: 'ONE_HOST',
      node: null,
      message: `${names.length} nodes are on ${host} and are lost together with it: ${names.join(', ')}`,
      remedy: 'in production, give each node a machine and power of its own',
    }));
};
