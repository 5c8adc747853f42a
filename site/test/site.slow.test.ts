import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';
import { findChromium, NO_CHROMIUM } from 'test-kit/browser';
import { outline } from '../src/outline.js';
import { pageOf } from '../src/pages.js';
import { firstBlock } from '../src/quotation.js';
import { ROOT } from '../src/repository.js';
import { serveDirectory, type StaticServer } from '../src/static-server.js';
import { testLiveCluster } from './live/view.js';
import { BuiltSite } from './support/built-site.js';
import { visit, type Visit } from './support/visit.js';

/** In ms. A build takes half a minute, and longer where the machine does much else. */
const PATIENCE = 900_000;
/** Of a first visit, in bytes. */
const MOST = 300_000;
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 } };

let site: BuiltSite;

beforeAll(async () => {
  site = await BuiltSite.build();
}, PATIENCE);

afterAll(() => site.remove());

describe('the site', () => {
  test('has a page for each document, and the sidebar leads to it', async () => {
    const pages = site.filesOf('.html');
    const sidebar = JSON.stringify(outline());
    const missing = (await documents()).filter((document) => {
      const page = String(pageOf(document)).replace(/\.md$/, '');
      const link = `/${page.replace(/(^|\/)index$/, '$1')}`;
      return !pages.includes(`${page}.html`) || !sidebar.includes(`"${link}"`);
    });
    expect(missing).toEqual([]);
  });

  test('shows the install command and the code of the README on its first page', async () => {
    const text = textOf(await site.read('index.html'));
    const blocks = ['sh', 'ts'].map((language) => firstBlock(language, 'README.md'));
    const lines = blocks.flatMap((block) => block.split('\n').slice(1, -1));
    expect(lines.filter((line) => !text.includes(line))).toEqual([]);
  });

  test('has the methods of Redlock in its reference, with their docstrings', async () => {
    const text = textOf(await site.read('reference/redlock-core.html'));
    expect(text.includes('Waits for the lock on all of the resources.')).toBe(true);
  });

  test('has no internals in its reference', async () => {
    const anchors = await site.anchors('reference/redlock-core/internal.html');
    expect([...anchors]).toContain('rounds');
    expect([...anchors]).not.toContain('admission');
  });

  test('has no link to a page or a place that does not exist', async () => {
    const dead: string[] = [];
    for (const page of site.filesOf('.html')) {
      for (const { element, address } of await site.references(page)) {
        if (element === 'a' && !(await leadsSomewhere(page, address))) {
          dead.push(`${page}: ${address}`);
        }
      }
    }
    expect(dead).toEqual([]);
  });

  test('loads nothing from another host', async () => {
    const foreign: string[] = [];
    for (const page of site.filesOf('.html')) {
      for (const { element, address } of await site.references(page)) {
        if (element !== 'a' && !/^(?:\/(?!\/)|data:)/.test(address)) foreign.push(address);
      }
    }
    for (const style of site.filesOf('.css')) {
      foreign.push(
        ...((await site.read(style)).match(/(?:url\(|@import ?)["']?(?:https?:)?\/\/\S*/g) ?? []),
      );
    }
    expect(foreign).toEqual([]);
  });

  test('lists its documents in llms.txt', async () => {
    const links = [...(await site.read('llms.txt')).matchAll(/\(\/([^)]+)\)/g)].map(
      ([, link]) => link,
    );
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter((link = '') => !site.files.includes(link))).toEqual([]);
  });

  test('has an index for its search', async () => {
    const index = site.filesOf('.js').find((file) => file.includes('localSearchIndex'));
    expect(await site.read(index ?? 'none')).toContain('quarantine');
  });

  test('needs less than 300 kB for its first page', async () => {
    expect(await site.weightOf(await site.loadedWith('index.html'))).toBeLessThan(MOST);
  });
});

const executablePath = await findChromium();
const inBrowser = executablePath === null ? describe.skip : describe;

inBrowser(`the site in a browser${executablePath === null ? ` (${NO_CHROMIUM})` : ''}`, () => {
  let server: StaticServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await serveDirectory(site.directory);
    browser = await chromium.launch({ executablePath: executablePath ?? '' });
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  async function open(path: string, options: BrowserContextOptions = {}): Promise<Visit> {
    return visit(await browser.newContext(options), `${server.origin}${path}`);
  }

  test.each(['/', '/guide.html', '/decisions.html', '/reference/redlock-core.html'])(
    'shows %s without an error, and without a request to another host',
    async (path) => {
      const { complaints, requests } = await open(path);
      expect(complaints).toEqual([]);
      expect(requests.filter((url) => !url.startsWith(server.origin))).toEqual([]);
    },
  );

  test('loads less than 300 kB for a first visit', async () => {
    const first = await open('/');
    expect(await first.transferred()).toBeLessThan(MOST);
  });

  test('loads the live cluster where the reader comes to it, less than 300 kB with it', async () => {
    const first = await open('/', { viewport: { width: 1280, height: 300 } });
    const { page, complaints } = first;
    expect(await page.locator('live-cluster').count()).toBe(0);
    await page.locator('#five-nodes-at-work').scrollIntoViewIfNeeded();
    await page.locator('live-cluster').getByText('Taking turns').waitFor();
    expect(complaints).toEqual([]);
    expect(await first.transferred()).toBeLessThan(MOST);
  });

  describe('the live cluster', () =>
    testLiveCluster(async (options) => {
      // Nothing plays by itself, unless a test is about that.
      const { page, complaints } = await open('/', { reducedMotion: 'reduce', ...options });
      await page.locator('#five-nodes-at-work').scrollIntoViewIfNeeded();
      await page.locator('live-cluster svg').first().waitFor();
      return { page, complaints };
    }));

  test('finds a word by keyboard', async () => {
    const { page } = await open('/');
    await page.keyboard.press('Control+k');
    await page.locator('#localsearch-input').fill('quarantine');
    await page.locator('.results .result.selected').waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(/quarantine/);
  });

  test('leads from the top of a page to its text by keyboard', async () => {
    const { page } = await open('/guide.html');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('#VPContent:focus').waitFor({ state: 'attached' });
  });

  test('is dark or light as the system is, and changes by keyboard', async () => {
    const light = await open('/', { colorScheme: 'light' });
    const dark = await open('/', { colorScheme: 'dark' });
    const [bright, dim] = [await backgroundOf(light), await backgroundOf(dark)];
    expect(bright).not.toBe(dim);

    await light.page.locator('.VPNavBarAppearance .VPSwitchAppearance').focus();
    await light.page.keyboard.press('Enter');
    await light.page.locator('html.dark').waitFor();
    expect(await backgroundOf(light)).toBe(dim);
  });

  test(
    'is nowhere wider than a telephone',
    async () => {
      // Perf: a page is laid out as it is sent, so its scripts need not run.
      const context = await browser.newContext({ ...PHONE, javaScriptEnabled: false });
      const page = await context.newPage();
      const wide: string[] = [];
      for (const path of site.filesOf('.html')) {
        await page.goto(`${server.origin}/${path}`);
        const excess = await page
          .locator('html')
          .evaluate((html) => html.scrollWidth - html.clientWidth);
        if (excess > 0) wide.push(`${path}: ${excess} px`);
      }
      expect(wide).toEqual([]);
    },
    PATIENCE,
  );
});

async function documents(): Promise<string[]> {
  const files = await readdir(join(ROOT, 'docs'), { recursive: true });
  return files.filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`);
}

function textOf(html: string): string {
  const entities = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'" };
  return Object.entries(entities).reduce(
    (text, [name, character]) => text.replaceAll(`&${name};`, character),
    html.replaceAll(/<[^>]*>/g, ''),
  );
}

/** Addresses on other hosts are taken on trust. */
async function leadsSomewhere(page: string, address: string): Promise<boolean> {
  if (/^\w+:/.test(address)) return true;
  const [path = '', anchor = ''] = decodeURIComponent(address).split('#');
  const target = path === '' ? page : path.slice(1).replace(/(^|\/)$/, '$1index.html');
  if (!site.files.includes(target)) return false;
  return anchor === '' || (await site.anchors(target)).has(anchor);
}

function backgroundOf({ page }: Visit): Promise<string> {
  return page.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor);
}
