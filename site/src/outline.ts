import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DefaultTheme } from 'vitepress';
import { pageOf } from './pages.js';
import { readSource, ROOT } from './repository.js';

type Item = DefaultTheme.SidebarItem;

/** The documents in the order in which a newcomer reads them. Titles are their headings. */
const FIRST_CONTACT = [
  'README.md',
  'docs/using.md',
  'docs/testing.md',
  'docs/compatibility.md',
  'docs/comparison.md',
  'docs/migration.md',
  'docs/moving-in.md',
];
const USING = [
  'docs/sharing.md',
  'docs/semaphore.md',
  'docs/election.md',
  'docs/command-line.md',
  'docs/adapters.md',
];
const RUNNING = [
  'docs/restarts.md',
  'docs/doctor.md',
  'docs/telemetry.md',
  'docs/data-centres.md',
  'docs/sites.md',
  'docs/performance.md',
  'docs/bench.md',
  'SECURITY.md',
  'SUPPORT.md',
];
const INSIDE = [
  'docs/architecture.md',
  'docs/decisions.md',
  'docs/safety.md',
  'docs/safety-mutants.md',
  'docs/failures.md',
  'test/simulator/README.md',
  'CONTRIBUTING.md',
];

/** All that the sidebar lists. */
export function outline(): Item[] {
  return [
    { text: 'First contact', items: FIRST_CONTACT.map(entry) },
    { text: 'Using it', items: USING.map(entry) },
    { text: 'Recipes', items: documentsIn('docs/recipes').map(entry) },
    { text: 'Examples', collapsed: true, items: documentsIn('site/examples').map(entry) },
    { text: 'Running it', items: RUNNING.map(entry) },
    { text: 'Inside', items: INSIDE.map(entry) },
    { text: 'Packages', collapsed: true, items: packages().map(entry) },
    { text: 'Reference', collapsed: true, items: reference().map(entry) },
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
