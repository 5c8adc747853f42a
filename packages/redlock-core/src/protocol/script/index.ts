import { createHash } from 'node:crypto';
import { LARGE } from './redlock.js';
import { SMALL_ACQUIRE, SMALL_RELEASE } from './small.js';

/** A Lua script, sent by its text or, once a server knows it, by its digest. */
export class Script {
  readonly sha: string;

  constructor(readonly source: string) {
    this.sha = createHash('sha1').update(source).digest('hex');
  }
}

/** One acquire of one key: see protocol/commands.ts. */
export const ACQUIRE_SCRIPT = new Script(SMALL_ACQUIRE);
/** One plain release. */
export const RELEASE_SCRIPT = new Script(SMALL_RELEASE);
/** Any operations. */
export const REDLOCK_SCRIPT = new Script(LARGE);

/** Every script that a node may be sent. */
export const SCRIPTS: readonly Script[] = [ACQUIRE_SCRIPT, RELEASE_SCRIPT, REDLOCK_SCRIPT];
