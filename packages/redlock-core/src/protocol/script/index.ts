import { createHash } from 'node:crypto';

/** A Lua script, sent by its text or, once a server knows it, by its digest. */
export class Script {
  #sha: string | null = null;

  constructor(readonly source: string) {}

  get sha(): string {
    return (this.#sha ??= createHash('sha1').update(this.source).digest('hex'));
  }
}

/** One acquire of one key: see protocol/commands.ts. */
export const ACQUIRE_SCRIPT = new Script('');
/** One plain release. */
export const RELEASE_SCRIPT = new Script('');
/** Any operations. */
export const REDLOCK_SCRIPT = new Script('');

/** Every script that a node may be sent. */
export const SCRIPTS: readonly Script[] = [ACQUIRE_SCRIPT, RELEASE_SCRIPT, REDLOCK_SCRIPT];
