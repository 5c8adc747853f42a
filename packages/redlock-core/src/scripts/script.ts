import { createHash } from 'node:crypto';

/** A Lua script, run atomically by one server. It has no `#!lua` line, so a full server runs it. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

export function script(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}
