import { execFileSync } from 'node:child_process';
import { ROOT } from './packages.js';

/** Publishes the tarballs whose version the registry does not have yet. */
export function publish(tarballs) {
  for (const { file, manifest } of tarballs) {
    const version = `${manifest.name}@${manifest.version}`;
    if (isPublished(version)) console.log(`${version} is in the registry already.`);
    else {
      const tag = distTagOf(manifest.version);
      execFileSync('npm', ['publish', file, '--tag', tag], { cwd: ROOT, stdio: 'inherit' });
    }
  }
}

/**
 * The tag under which users install a version: npm refuses a pre-release without one, because it would become `latest`.
 * @param {string} version
 */
export function distTagOf(version) {
  const [, prerelease] = /^[^+-]+-([^+]+)/.exec(version) ?? [];
  if (prerelease === undefined) return 'latest';
  // A tag must not look like a version.
  return /^[a-z][a-z-]*/i.exec(prerelease)?.[0] ?? 'next';
}

/** npm shows nothing of a version that a package lacks, and fails with 404 for a package that the registry lacks. */
function isPublished(version) {
  try {
    const shown = execFileSync('npm', ['view', version, 'version'], { cwd: ROOT, stdio: 'pipe' });
    return shown.length > 0;
  } catch (error) {
    if (String(error.stderr).includes('E404')) return false;
    throw error;
  }
}
