import { type Footprint, measureFootprint } from '../footprint.js';
import { section } from '../section.js';
import { measureSizeByPart, type SizeByPart } from '../size-by-part.js';
import { show, showSpread } from '../spread.js';
import type { Chapter } from './chapter.js';

export const footprint: Chapter = {
  name: 'footprint',
  write: async ({ plan: { importRuns }, progress }) => {
    progress('import time and size');
    const rows = await measureFootprint(importRuns);
    const sizes = await measureSizeByPart();
    return { markdown: [libraries(rows, importRuns), parts(sizes)].join('\n\n') };
  },
};

function libraries(rows: readonly Footprint[], importRuns: number): string {
  return section(
    'Size and import time',
    `Import: in a fresh process that has imported the client already, median of ${importRuns} fresh processes (min–max), in turn. Dependencies: packages that are installed with it, without the client. Installed: the package and its dependencies with sources, types and maps, without the client. Bundle: minified, with dependencies, without the client, brotli.`,
    ['', 'version', 'import, ms', 'dependencies', 'installed, kB', 'bundle, kB'],
    rows.map((row) => [
      row.name,
      row.version,
      showSpread(row.importMs, 1),
      show(row.dependencies, 0),
      show(row.installedBytes / 1000, 0),
      show(row.brotliBytes / 1000, 1),
    ]),
  );
}

function parts({ parts: rows, installedBytes, installedWithoutExtras }: SizeByPart): string {
  return section(
    'Size by part',
    `Bundles as above. Of redlock-core as it is installed, ${show(installedBytes / 1000, 0)} kB, ${show(installedWithoutExtras / 1000, 0)} kB are neither the twin in memory nor testing helpers.`,
    ['', 'minified, kB', 'brotli, kB'],
    rows.map((row) => [
      row.part,
      show(row.minifiedBytes / 1000, 1),
      show(row.brotliBytes / 1000, 1),
    ]),
  );
}
