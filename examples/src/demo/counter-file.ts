import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A number in a file that all workers share, with nothing to keep two of them from writing at once. */
export class CounterFile {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, 'counter');
  }

  async read(): Promise<number> {
    return Number(await readFile(this.#path, 'utf8'));
  }

  async write(value: number): Promise<void> {
    // By renaming, so that nobody reads half a number: what gets lost here is lost to the race of
    // read and write alone.
    const draft = `${this.#path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
    await writeFile(draft, String(value));
    await rename(draft, this.#path);
  }
}
