import { RedisServer } from './redis-server.js';
import type { Subject } from './subject.js';

/** One case of the table: what a server does with a few requests. `run` throws if the server does anything else. */
export interface Case {
  readonly name: string;
  /** Whether it needs a real server. */
  readonly needsRedis: boolean;
  run(subject: Subject): Promise<void>;
}

/** A case for real servers and for the memory server. */
export function proves(name: string, run: (on: Subject) => Promise<void>): Case {
  return { name, needsRedis: false, run };
}

/** A case for real servers: the memory server has no keys of other types, users or limits. */
export function provesOnRedis(
  name: string,
  run: (on: Subject, redis: RedisServer) => Promise<void>,
): Case {
  const check = async (on: Subject): Promise<void> => {
    if (!(on.server instanceof RedisServer)) throw new TypeError('This case needs a real server');
    await run(on, on.server);
  };
  return { name, needsRedis: true, run: check };
}
