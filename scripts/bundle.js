import { readdir, readFile, rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { copyDeclarations } from './declarations.js';
import { writeNotices } from './notices.js';
import { exportDefaultAlone, soleDefaultsOf } from './sole-default.js';

// Makes what a package publishes out of its sources and the declarations that tsc has written: for each
// export one ES module, its twin in CommonJS, and the types of both; for each program one ES module. Arguments:
// directories of packages, or none for all.

const PACKAGES = fileURLToPath(new URL('../packages', import.meta.url));
const given = process.argv.slice(2);
const all = async () => (await readdir(PACKAGES)).map((name) => join(PACKAGES, name));
const directories = given.length > 0 ? given.map((directory) => resolve(directory)) : await all();
await Promise.all(directories.map(bundle));

/** @param {string} directory */
async function bundle(directory) {
  const manifest = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
  const { exports, bin = {} } = manifest;
  const entries = sourcesOf(Object.values(exports).flatMap((entry) => entry.import?.default ?? []));
  const programs = sourcesOf(Object.values(bin));
  const [{ metafile }, inCommonJs] = await Promise.all([
    bundleAs('esm', '.js', directory, manifest, [...entries, ...programs]),
    bundleAs('cjs', '.cjs', directory, manifest, entries),
  ]);
  const soleDefaults = soleDefaultsOf(metafile, entries);
  for (const entry of soleDefaults) await exportDefaultAlone(directory, entry);
  await removeOthers(directory, [
    ...Object.keys({ ...metafile.outputs, ...inCommonJs.metafile.outputs }),
    ...(await copyDeclarations(directory, entries, soleDefaults)),
    ...(await writeNotices(directory, metafile)),
  ]);
}

/** Files of a former build would be packed too. Those of this one stay: programs may be running that import them. */
async function removeOthers(directory, built) {
  const files = await readdir(join(directory, 'dist'), { recursive: true, withFileTypes: true });
  for (const file of files.filter((one) => one.isFile())) {
    const path = join(file.parentPath, file.name);
    if (!built.includes(relative(directory, path))) await rm(path);
  }
}

/** Without extension, for built files. */
function sourcesOf(files) {
  return files.map((file) => relative('dist', file).replace(/\.js$/, ''));
}

/** What users install beside a package stays an import; all else is inside: see CONTRIBUTING.md. */
function bundleAs(format, extension, directory, manifest, entries) {
  return build({
    absWorkingDir: directory,
    entryPoints: entries.map((entry) => `src/${entry}.ts`),
    outbase: 'src',
    outdir: 'dist',
    outExtension: { '.js': extension },
    bundle: true,
    format,
    platform: 'node',
    target: 'node20.19',
    external: Object.keys({ ...manifest.peerDependencies, ...manifest.dependencies }),
    // For createRequire, which takes a path too.
    define: format === 'cjs' ? { 'import.meta.url': '__filename' } : {},
    plugins: [mainEntry(extension)],
    // Maps are for this repository alone, so no file refers to them.
    sourcemap: 'external',
    sourcesContent: false,
    metafile: true,
  });
}

/** The other entries use what the main one exports, not a copy of it. */
function mainEntry(extension) {
  return {
    name: 'main entry',
    setup({ onResolve }) {
      const path = `../index${extension}`;
      onResolve({ filter: /^\.\.\/index\.js$/ }, () => ({ path, external: true }));
    },
  };
}
