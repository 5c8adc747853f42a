import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DefaultTheme, UserConfig } from 'vitepress';
import { resolveLinks } from './links.js';
import { listDocuments } from './llms.js';
import { outline } from './outline.js';
import { NO_PAGES, pageOf } from './pages.js';
import { quote } from './quotation.js';
import { BUILT, publicAddress, ROOT } from './repository.js';
import { slug } from './slug.js';

/** In the page itself, because browsers ask for `/favicon.ico` otherwise. */
const ICON =
  "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><path d='M5 7V5a3 3 0 0 1 6 0v2' fill='none' stroke='%230a7ea4' stroke-width='2'/><rect x='3' y='7' width='10' height='7' rx='1.5' fill='%230a7ea4'/></svg>";

const JSX = 'vue/jsx-runtime';

/** What the core in the live cluster imports from Node. */
const FROM_NODE = /^node:(?:async_hooks|crypto|diagnostics_channel|timers)$/;

const TITLE = 'Redlock for TypeScript';
const DESCRIPTION = 'Distributed locks for Node.js on independent Redis servers';

/** The documents of the repository are the only source of pages, so they stay readable where they are. */
export const config: UserConfig<DefaultTheme.Config> = {
  title: TITLE,
  description: DESCRIPTION,
  head: [['link', { rel: 'icon', href: ICON }]],
  srcDir: ROOT,
  srcExclude: [...NO_PAGES],
  rewrites: requirePage,
  outDir: BUILT,
  ignoreDeadLinks: false,
  markdown: {
    anchor: { slugify: slug },
    // Shiki has no grammar for it.
    languageAlias: { crontab: 'sh' },
    image: { lazyLoading: true },
    // Their comments are easier to read than those of VitePress' default.
    theme: { light: 'github-light-default', dark: 'github-dark-default' },
    config: (markdown) => {
      quote(markdown);
      resolveLinks(markdown);
    },
  },
  vite: {
    // Browsers that know the styles of the live cluster know this, too; older ones would need a sixth more code.
    build: { target: 'es2022' },
    esbuild: { jsx: 'automatic', jsxDev: false, jsxImportSource: 'vue' },
    resolve: {
      alias: [
        { find: FROM_NODE, replacement: join(ROOT, 'site/.vitepress/theme/live/browser.ts') },
        // While pages are written, Vite would look for it at the root.
        { find: JSX, replacement: fileURLToPath(import.meta.resolve(JSX)) },
      ],
    },
  },
  // Pages that nobody opens are not loaded.
  router: { prefetchLinks: false },
  buildEnd: async ({ outDir }) => {
    await cp(join(ROOT, 'docs/grafana-dashboard.json'), join(outDir, 'grafana-dashboard.json'));
    await writeFile(join(outDir, 'llms.txt'), listDocuments(TITLE, DESCRIPTION));
  },
  themeConfig: {
    siteTitle: 'Redlock',
    nav: navigation(),
    sidebar: outline(),
    outline: [2, 3],
    search: { provider: 'local' },
  },
};

function requirePage(source: string): string {
  const page = pageOf(source);
  if (page === null) throw new Error(`${source} has no page, and NO_PAGES does not exclude it`);
  return page;
}

function navigation(): DefaultTheme.NavItem[] {
  const address = publicAddress();
  return [
    { text: 'Getting started', link: '/getting-started' },
    { text: 'Guide', link: '/guide' },
    { text: 'API', link: '/api' },
    { text: 'Troubleshooting', link: '/troubleshooting' },
    ...(address === null ? [] : [{ text: 'Repository', link: address }]),
  ];
}
