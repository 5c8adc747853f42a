import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** Names the state of the repository, so that runs can be compared. */
export function describeCheckout(): string {
  try {
    const commit = git('rev-parse', '--short', 'HEAD');
    const changes = git('status', '--porcelain', '--', ':/', ':!/docs');
    return `commit ${commit}${changes === '' ? '' : ' and changes that are not committed'}`;
  } catch {
    return 'a commit that git cannot tell';
  }
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: HERE, encoding: 'utf8', stdio: 'pipe' }).trim();
}
