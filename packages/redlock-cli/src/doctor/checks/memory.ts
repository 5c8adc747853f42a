import type { Finding } from '../diagnosis.js';
import type { Check } from './check.js';

/** From this part of maxmemory on, a server counts as short of memory. */
const FULL = 0.8;
const MEGABYTE = 1024 * 1024;

/** Finds servers that would drop locks, or refuse them, for want of memory. */
export const memory: Check = ({ nodes }) =>
  nodes.flatMap(({ name, servers }) =>
    servers.flatMap(({ maxMemory, usedMemory, evictionPolicy: policy }): Finding[] => {
      const limit = `maxmemory is ${(maxMemory / MEGABYTE).toFixed(1)} MB`;
      if (policy !== null && policy !== 'noeviction') {
        return [
          {
            level: maxMemory > 0 ? 'unsound' : 'note',
            code: 'EVICTION',
            node: name,
            message:
              `maxmemory-policy is ${policy}, and ` +
              (maxMemory > 0
                ? `${limit}: when it is full, the server drops locks that are held, and grants them to others`
                : 'maxmemory is 0: once a limit is set, the server may drop locks that are held'),
            remedy: 'CONFIG SET maxmemory-policy noeviction, and the same line in redis.conf',
          },
        ];
      }
      if (maxMemory === 0) return [];
      const part = usedMemory / maxMemory;
      return [
        {
          level: part < FULL ? 'note' : 'warning',
          code: 'MEMORY_LIMIT',
          node: name,
          message: `${limit}, of which ${Math.round(part * 100)}% are used: when it is full, the server grants no lock`,
          remedy: 'raise maxmemory in time, and keep other data off these nodes',
        },
      ];
    }),
  );
