import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Says who is in the critical section: a witness that knows nothing of the lock. It tells on two
 * workers that are inside at once (of three, it may miss one).
 */
export class MarkerFile {
  readonly #path: string;
  readonly #worker: string;
  #isMine = false;

  constructor(folder: string, worker: string) {
    this.#path = join(folder, 'inside');
    this.#worker = worker;
  }

  /** @returns who else is inside, or null */
  async enter(): Promise<string | null> {
    try {
      // 'wx': the file system lets only one of any number of processes create it.
      await writeFile(this.#path, this.#worker, { flag: 'wx' });
      this.#isMine = true;
      return null;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    // It may be empty still, or gone again.
    const other = await readFile(this.#path, 'utf8').catch(() => '');
    return other || 'another worker';
  }

  async leave(): Promise<void> {
    if (!this.#isMine) return;
    this.#isMine = false;
    await rm(this.#path);
  }
}
