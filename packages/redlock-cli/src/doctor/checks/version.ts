import type { Finding } from '../diagnosis.js';
import type { Check } from './check.js';

/** Finds servers that are too old, or that lack a command that saves others. */
export const version: Check = ({ nodes }) =>
  nodes.flatMap(({ name, servers }) =>
    [...new Set(servers.map((server) => server.version))].flatMap((text): Finding[] => {
      const [, major, minor] = /^(\d+)\.(\d+)/.exec(text ?? '') ?? [];
      if (major === undefined) return [];
      if (Number(major) >= 7) return [];
      if (Number(major) === 6 && Number(minor) >= 2) {
        return [
          {
            level: 'note',
            code: 'OLD_VERSION',
            node: name,
            message: `it is Redis ${text}, without PEXPIRE GT and SET NX GET, so the scripts send more commands`,
            remedy: 'use Redis 7.0 or later, or Valkey',
          },
        ];
      }
      return [
        {
          level: 'unsound',
          code: 'OLD_VERSION',
          node: name,
          message: `it is Redis ${text}, and locks are made for 6.2 and later: commands that they need may be missing`,
          remedy: 'use Redis 7.0 or later, or Valkey',
        },
      ];
    }),
  );
