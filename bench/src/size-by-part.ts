import { bundle, type BundleSize } from './bundle.js';
import { packedFiles } from './package-files.js';
import { dirname } from 'node:path';
import { CORE } from './subjects/own-scripts.js';

interface PartSize extends BundleSize {
  readonly part: string;
}

export interface SizeByPart {
  readonly parts: readonly PartSize[];
  /** What npm installs of redlock-core, and that without the twin in memory and the testing helpers. */
  readonly installedBytes: number;
  readonly installedWithoutExtras: number;
}

/** Of the main entry, and of what each other entry adds to it. */
const ADDED = {
  'the ioredis adapter adds': 'redlock-ioredis-adapter',
  '`redlock-core/adapter` adds': 'redlock-core/adapter',
  '`redlock-core/memory` (the twin in memory) adds': 'redlock-core/memory',
  '`redlock-core/testing` adds': 'redlock-core/testing',
};

const EXTRAS = /^(dist|src)\/(memory|testing)\//;

export async function measureSizeByPart(): Promise<SizeByPart> {
  const core = await bundle(['redlock-core']);
  const withoutScripts = await bundle(['redlock-core'], { scripts: false });
  const added = Object.entries(ADDED).map(async ([part, entry]) => ({
    part,
    ...difference(await bundle(['redlock-core', entry]), core),
  }));
  const files = await packedFiles(dirname(dirname(CORE)));
  const bytes = (which: typeof files): number => which.reduce((sum, { size }) => sum + size, 0);
  return {
    parts: [
      { part: 'core, without the twin in memory and the testing helpers', ...core },
      { part: 'of it the scripts', ...difference(core, withoutScripts) },
      ...(await Promise.all(added)),
    ],
    installedBytes: bytes(files),
    installedWithoutExtras: bytes(files.filter(({ path }) => !EXTRAS.test(path))),
  };
}

function difference(all: BundleSize, without: BundleSize): BundleSize {
  return {
    minifiedBytes: all.minifiedBytes - without.minifiedBytes,
    brotliBytes: all.brotliBytes - without.brotliBytes,
  };
}
