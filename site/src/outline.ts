import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DefaultTheme } from 'vitepress';
import { pageOf } from './pages.js';
import { readSource, ROOT } from './repository.js';

type Item = DefaultTheme.SidebarItem;

/** The documents in the order in which a newcomer reads them. Titles are their headings. */
const START = [
  'README.md',
  'docs/getting-started.md',
  'docs/guide.md',
  'docs/alternatives.md',
  'docs/migration.md',
];
const OPERATIONS = [
  'docs/operations.md',
  'docs/troubleshooting.md',
  'docs/observability.md',
  'docs/cli.md',
  'docs/testing.md',
];
const REFERENCE = [
  'docs/api.md',
  'docs/safety.md',
  'docs/performance.md',
  'docs/compatibility.md',
  'SECURITY.md',
  'SUPPORT.md',
];
const CONTRIBUTING = [
  'CONTRIBUTING.md',
  'docs/architecture.md',
  'docs/decisions.md',
  'docs/adapters.md',
  'test/simulator/README.md',
];

/** All that the sidebar lists. */
export function outline(): Item[] {
  return [
    { text: 'Getting started', items: START.map(entry) },
    { text: 'Recipes', items: documentsIn('docs/recipes').map(entry) },
    { text: 'Operations', items: OPERATIONS.map(entry) },
    { text: 'Reference', items: REFERENCE.map(entry) },
    { text: 'Contributing', items: CONTRIBUTING.map(entry) },
    { text: 'Examples', collapsed: true, items: documentsIn('site/examples').map(entry) },
    { text: 'Packages', collapsed: true, items: packages().map(entry) },
    { text: 'Types', collapsed: true, items: reference().map(entry) },
  ];
}

function packages(): string[] {
  return readdirSync(join(ROOT, 'packages'))
    .toSorted()
    .map((name) => `packages/${name}/README.md`);
}

function reference(): string[] {
  return documentsIn('site/reference').filter(
    (file) => file !== 'site/reference/index.md' && !file.includes('/namespaces/'),
  );
}

function documentsIn(directory: string): string[] {
  return readdirSync(join(ROOT, directory), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .toSorted()
    .map((file) => `${directory}/${file.replaceAll('\\', '/')}`);
}

function entry(source: string): { text: string; link: string } {
  const text = /^# (.+)$/m.exec(readSource(source))?.[1];
  const page = pageOf(source);
  if (text === undefined || page === null) throw new Error(`${source} has no title or no page`);
  return { text, link: `/${page.replace(/(?:^|(?<=\/))index\.md$|\.md$/, '')}` };
}
