import { createHash } from 'node:crypto';
import { memoryNode } from 'redlock-core/memory';
import { grantScript } from '../../src/scripts/grant.js';
import { inspectScript } from '../../src/scripts/inspect.js';
import { releaseScript } from '../../src/scripts/release.js';

const FOR_EVER = String(2 ** 40);

/**
 * An in-memory server that has to be shown a script before it knows its digest. Keys stay until
 * somebody deletes them, so that no test depends on how long it takes.
 */
export class TestServer {
  readonly #node = memoryNode({ name: 'inside' });
  #digests = new Set<string>();

  run([name, code = '', count, ...rest]: readonly string[]): Promise<unknown> {
    if (name === 'eval') this.#digests.add(createHash('sha1').update(code).digest('hex'));
    else if (!this.#digests.has(code))
      return Promise.reject(new Error('NOSCRIPT No matching script.'));
    const [token, ttl] = rest.slice(Number(count));
    const args = [...rest.slice(0, Number(count)), token, ttl && FOR_EVER];
    return this.#node.call([name, code, count, ...args].filter((arg) => arg !== undefined));
  }

  /** SCRIPT FLUSH */
  flushScripts(): void {
    this.#digests = new Set();
  }

  async holderOf(key: string): Promise<string | null> {
    const reply = await this.#node.call(['eval', inspectScript.source, '1', key]);
    return Array.isArray(reply) ? (reply[0] as string | null) : null;
  }

  /** Gives the key to somebody else, or to nobody. */
  async steal(key: string, token?: string): Promise<void> {
    const holder = await this.holderOf(key);
    if (holder !== null) await this.#node.call(['eval', releaseScript.source, '1', key, holder]);
    if (token === undefined) return;
    await this.#node.call(['eval', grantScript.source, '1', key, token, FOR_EVER]);
  }
}
