import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { completeManifest, textOf } from './manifest.js';
import { ROOT } from './packages.js';

/** What stands in the way of publishing, each with what to do. */
export function obstaclesTo(packages, root) {
  const obstacles = packages.flatMap((one) => obstaclesOf(one, root, packages));
  if (!root.repository) {
    obstacles.unshift(
      '"repository" is missing in package.json: set it to the public address of this repository, as ' +
        'in "https://host/owner/name", run `node scripts/complete.js` and commit',
    );
  }
  if (execFileSync('git', ['status', '--porcelain'], { cwd: ROOT }).length > 0) {
    obstacles.push('there are changes that are not committed: commit them');
  }
  return obstacles;
}

function obstaclesOf(one, root, packages) {
  const { directory, manifest } = one;
  const { name, version } = manifest;
  const read = (file) => {
    const path = join(directory, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  const obstacles = [];
  if (!read('CHANGELOG.md').includes(`\n## ${version}\n`)) {
    obstacles.push(`${name} ${version} is not in its CHANGELOG.md: run \`pnpm version-packages\``);
  }
  const isComplete =
    read('package.json') === textOf(completeManifest(one, root, packages)) &&
    read('LICENSE') === readFileSync(join(ROOT, 'LICENSE'), 'utf8');
  if (!isComplete) {
    const path = relative(ROOT, directory);
    obstacles.push(
      `${path} lacks what follows from package.json: run \`node scripts/complete.js\``,
    );
  }
  return obstacles;
}
