import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';
import { CORE, withoutScripts } from './subjects/own-scripts.js';

export interface BundleSize {
  readonly minifiedBytes: number;
  readonly brotliBytes: number;
}

const HERE = fileURLToPath(new URL('..', import.meta.url));
const CLIENTS = ['ioredis', 'iovalkey', 'redis', '@redis/client', '@valkey/valkey-glide'];

/** redlock-core with empty scripts. */
const emptyScripts: Plugin = {
  name: 'empty scripts',
  setup: (bundler) => {
    bundler.onLoad({ filter: /\.js$/ }, async ({ path }) =>
      path === CORE ? { contents: withoutScripts(await readFile(path, 'utf8')) } : null,
    );
  },
};

/** One minified ES module with entries and all dependencies, but for the clients. */
export async function bundle(
  entries: readonly string[],
  { scripts }: { scripts: boolean } = { scripts: true },
): Promise<BundleSize> {
  const imports = entries.map((name, index) => `import * as all${index} from '${name}';`);
  const uses = entries.map((_, index) => `all${index}`).join(', ');
  const { outputFiles } = await build({
    stdin: { contents: `${imports.join('\n')}\nglobalThis.all = [${uses}];`, resolveDir: HERE },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    external: CLIENTS,
    // The workspace's own would lead from packages to their sources.
    tsconfigRaw: {},
    plugins: scripts ? [] : [emptyScripts],
    write: false,
    logLevel: 'error',
  });
  const bytes = outputFiles[0]?.contents ?? new Uint8Array();
  return { minifiedBytes: bytes.length, brotliBytes: brotliCompressSync(bytes).length };
}
