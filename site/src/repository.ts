import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where a build writes the site if nothing else is said. */
export const BUILT = join(ROOT, 'site/dist/pages');

/** A path from the root of the repository, with slashes. */
export function pathInRepository(file: string): string {
  return relative(ROOT, file).split(sep).join('/');
}

/** @param path from the root of the repository */
export function readSource(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** `https://host/owner/name`. Null until the repository has a public address. */
export function publicAddress(): string | null {
  const { repository } = JSON.parse(readSource('package.json')) as { repository?: string };
  return repository ?? null;
}
