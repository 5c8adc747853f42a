import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { ROOT } from '../../src/repository.js';

const run = promisify(execFile);

const ELEMENT = /<(\w+)\s([^>]*)>/g;
const ADDRESS = /(?:^|\s)(?:href|src)="([^"]*)"/;
const ID = /\sid="([^"]*)"/g;
const STATIC_IMPORT = /(?:from|import)\s*"(\.[^"]+\.js)"/g;

/** An element that loads a file or leads to a page. */
interface Reference {
  readonly element: string;
  readonly isLazy: boolean;
  readonly address: string;
}

/** A site as it was built, in a directory of its own. Files are called by their paths from there. */
export class BuiltSite {
  readonly #anchors = new Map<string, Promise<ReadonlySet<string>>>();

  private constructor(
    readonly directory: string,
    readonly files: readonly string[],
  ) {}

  static async build(): Promise<BuiltSite> {
    const directory = await mkdtemp(join(tmpdir(), 'redlock-site-'));
    await run(process.execPath, [join(ROOT, 'site/dist/build.js'), '--out', directory]);
    const files = await readdir(directory, { recursive: true });
    return new BuiltSite(directory, files.toSorted());
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  filesOf(extension: string): string[] {
    return this.files.filter((file) => file.endsWith(extension));
  }

  read(file: string): Promise<string> {
    return readFile(join(this.directory, file), 'utf8');
  }

  async references(page: string): Promise<Reference[]> {
    return [...(await this.read(page)).matchAll(ELEMENT)].flatMap(
      ([, element = '', attributes = '']) => {
        const address = ADDRESS.exec(attributes)?.[1];
        const isLazy = attributes.includes('loading="lazy"');
        return address === undefined ? [] : [{ element, isLazy, address }];
      },
    );
  }

  /** The places in a page that a link can lead to. */
  anchors(page: string): Promise<ReadonlySet<string>> {
    const known = this.#anchors.get(page) ?? this.#readAnchors(page);
    this.#anchors.set(page, known);
    return known;
  }

  async #readAnchors(page: string): Promise<ReadonlySet<string>> {
    return new Set([...(await this.read(page)).matchAll(ID)].map(([, id = '']) => id));
  }

  /** The files that a browser loads at once for a page, itself among them. */
  async loadedWith(page: string): Promise<string[]> {
    const loaded = new Set([page]);
    for (const { element, isLazy, address } of await this.references(page)) {
      if (element !== 'a' && !isLazy && address.startsWith('/')) loaded.add(address.slice(1));
    }
    // The set grows while it is walked.
    for (const file of loaded) {
      if (!file.endsWith('.js')) continue;
      for (const [, specifier = ''] of (await this.read(file)).matchAll(STATIC_IMPORT)) {
        loaded.add(posix.join(posix.dirname(file), specifier));
      }
    }
    return [...loaded];
  }

  /** In bytes, compressed. */
  async weightOf(files: readonly string[]): Promise<number> {
    const texts = await Promise.all(files.map((file) => this.read(file)));
    return texts.reduce((sum, text) => sum + gzipSync(text).length, 0);
  }
}
