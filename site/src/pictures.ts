import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readCommandLine } from 'test-kit/arguments';
import { chromium } from 'playwright-core';
import { findChromium, NO_CHROMIUM } from 'test-kit/browser';
import { BUILT, ROOT } from './repository.js';
import { serveDirectory } from './static-server.js';

const USAGE = `pnpm --filter redlock-site pictures

Takes pictures of the built site in Chromium, and writes them to docs/pictures.

  --help   this text`;

const TARGET = join(ROOT, 'docs/pictures');
const PAGES = { first: '/', document: '/guide.html' };
const WINDOWS = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };
const SCHEMES = ['light', 'dark'] as const;

readCommandLine({ usage: USAGE, options: {}, argumentsOf: () => null });

const executablePath = await findChromium();
if (executablePath === null) throw new Error(`No picture was taken: ${NO_CHROMIUM}`);
await mkdir(TARGET, { recursive: true });
const server = await serveDirectory(BUILT);
const browser = await chromium.launch({ executablePath });
for (const colorScheme of SCHEMES) {
  for (const [window, viewport] of Object.entries(WINDOWS)) {
    const context = await browser.newContext({ colorScheme, viewport });
    const page = await context.newPage();
    for (const [name, path] of Object.entries(PAGES)) {
      await page.goto(`${server.origin}${path}`, { waitUntil: 'networkidle' });
      const file = `site-${name}-${window}-${colorScheme}.png`;
      await page.screenshot({ path: join(TARGET, file) });
      console.log(`written: docs/pictures/${file}`);
    }
    await context.close();
  }
}
await browser.close();
await server.close();
