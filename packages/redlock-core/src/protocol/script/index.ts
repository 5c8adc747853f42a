import { createHash } from 'node:crypto';
import { LARGE } from './large.js';
import { SMALL_ACQUIRE, SMALL_RELEASE } from './small.js';

/** A Lua script, sent by its text or, once a server knows it, by its digest. */
export class Script {
  readonly sha: string;

  constructor(readonly source: string) {
    this.sha = createHash('sha1').update(source).digest('hex');
  }
}

/** One acquire of one key: see protocol/commands.ts. */
export const SMALL_ACQUIRE_SCRIPT = new Script(SMALL_ACQUIRE);
/** One plain release. */
export const SMALL_RELEASE_SCRIPT = new Script(SMALL_RELEASE);
/** Any operations. */
export const LARGE_SCRIPT = new Script(LARGE);

/** Every script that a node may be sent. */
export const SCRIPTS: readonly Script[] = [
  SMALL_ACQUIRE_SCRIPT,
  SMALL_RELEASE_SCRIPT,
  LARGE_SCRIPT,
];
