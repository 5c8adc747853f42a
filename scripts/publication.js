import { execFileSync } from 'node:child_process';
import { ROOT } from './packages.js';

/** Publishes the tarballs whose version the registry does not have yet. */
export function publish(tarballs) {
  for (const { file, manifest } of tarballs) {
    const version = `${manifest.name}@${manifest.version}`;
    if (isPublished(version)) console.log(`${version} is in the registry already.`);
    else execFileSync('npm', ['publish', file], { cwd: ROOT, stdio: 'inherit' });
  }
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
