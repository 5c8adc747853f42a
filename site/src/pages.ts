/** Sources and their pages, as paths from the root of the repository and of the site. */
const PAGES: readonly (readonly [source: RegExp, page: string])[] = [
  [/^site\/index\.md$/, 'index.md'],
  [/^site\/((?:examples|reference)\/.+\.md)$/, '$1'],
  [/^examples\/src\/(.+)\.ts$/, 'examples/$1.md'],
  [/^docs\/(.+\.md)$/, '$1'],
  [/^packages\/([^/]+)\/README\.md$/, 'packages/$1.md'],
  [/^(?:test\/)?(docker|simulator)\/README\.md$/, '$1.md'],
  [/^README\.md$/, 'overview.md'],
  [/^CONTRIBUTING\.md$/, 'contributing.md'],
  [/^SECURITY\.md$/, 'security.md'],
  [/^SUPPORT\.md$/, 'support.md'],
];

/** Globs of Markdown files of the repository that are no pages. */
export const NO_PAGES: readonly string[] = [
  '!(docs|docker|packages|test|site)/*{,/**}',
  'test/!(simulator)/*{,/**}',
  '{docker,packages/*,test/simulator}/!(README).md',
  '{docker,packages/*,test/simulator}/*/**',
  'site/!(index).md',
  'site/!(examples|reference)/*{,/**}',
];

/**
 * The page of the site that shows a document of the repository, or null: then the file is no page.
 * @param source its path from the root of the repository
 */
export function pageOf(source: string): string | null {
  const found = PAGES.find(([pattern]) => pattern.test(source));
  return found ? source.replace(...found) : null;
}
