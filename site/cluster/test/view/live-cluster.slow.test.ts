import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findChromium, NO_CHROMIUM } from 'test-kit/browser';
import { bundle } from '../../bundle.js';
import { PRESETS } from '../../src/presets/presets.js';
import { serve } from '../../stage.js';
import { play } from '../play.js';

const PHONE = { width: 390, height: 844 };

const found = await findChromium();
const withBrowser = found === null ? describe.skip : describe;
const HOW = found === null ? ` (${NO_CHROMIUM})` : '';

function press(page: Page, name: string): Promise<void> {
  return page.getByRole('button', { name, exact: true }).click();
}

function ending(page: Page, text: string): Promise<void> {
  return page.locator('.ending', { hasText: text }).waitFor();
}

test('the live cluster, with the core, is less than 120 kB as it is sent', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'live-cluster-'));
  expect(await bundle(join(directory, 'live-cluster.js'))).toBeLessThan(120_000);
  await rm(directory, { recursive: true });
});

withBrowser(`in a browser${HOW}`, () => {
  let browser: Browser;
  let site: Awaited<ReturnType<typeof serve>>;
  const complaints: string[] = [];

  beforeAll(async () => {
    [browser, site] = await Promise.all([
      chromium.launch({ executablePath: found ?? '' }),
      serve(),
    ]);
  });

  afterAll(async () => {
    await Promise.all([browser.close(), site.close()]);
  });

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    expect(complaints.splice(0)).toEqual([]);
  });

  async function open(hash = '', options: BrowserContextOptions = {}): Promise<Page> {
    // Nothing plays by itself, unless a test is about that.
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
    const page = await context.newPage();
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(site.url + hash);
    await page.locator('live-cluster svg').first().waitFor();
    return page;
  }

  test.each(PRESETS)('$title: plays to its end, as it does in Node', async (preset) => {
    const page = await open();
    await press(page, preset.title);
    await press(page, 'To the end');
    await ending(page, preset.ending);
    const shown = await page.locator('.events li span').allTextContents();
    const { cluster } = await play(preset, 1);
    expect(shown.toReversed()).toEqual(cluster.journal.entries.map(({ text }) => text));
  });

  test('plays by itself, until the preset has ended', async () => {
    const page = await open('#cluster=two-holders,1,0', { reducedMotion: 'no-preference' });
    await press(page, 'Fast');
    await ending(page, 'Two clients held the lock');
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  });

  test('nothing moves by itself for somebody who wants little motion, and messages stand still', async () => {
    const page = await open('#cluster=turns,1,0');
    await press(page, 'Taking turns');
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    const places = (): Promise<(string | null)[]> =>
      page
        .locator('.messages use[href="#m-ask"]:not(.hidden)')
        .evaluateAll((uses) => uses.map((use) => use.getAttribute('transform')));
    // From one step to the next messages travel, and are drawn where they were.
    for (let steps = 0; steps < 13; steps++) await press(page, 'Step');
    await page
      .locator('.facts', { hasText: '0.33 s' })
      .or(page.locator('.facts', { hasText: '0.32 s' }))
      .waitFor();
    const before = await places();
    expect(before).toHaveLength(5);
    await press(page, 'Step');
    await page.locator('.facts', { hasText: '0.35 s' }).waitFor();
    // One has arrived meanwhile.
    const after = await places();
    expect(after.length).toBeGreaterThan(2);
    expect(before).toEqual(expect.arrayContaining(after));
  });

  test('two holders are told in the picture and counted', async () => {
    const page = await open('#cluster=two-holders,1,2600');
    await page.getByText('2 holders: A and B').waitFor();
    expect(await page.locator('.facts .alarm').textContent()).toBe('two holders1');
  });

  test('on a telephone nothing is wider than the screen', async () => {
    const page = await open('', { viewport: PHONE });
    for (const { title } of PRESETS) {
      await press(page, title);
      for (const part of ['Node n1', 'Client B']) {
        await press(page, part);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width);
      }
    }
  });

  test('all controls are reached by Tab, and work by Enter and by Space', async () => {
    const page = await open();
    const all = await page.locator('live-cluster').locator('button, input').count();
    const reached = new Set<string>();
    for (let presses = 0; presses < all + 1; presses++) {
      await page.keyboard.press('Tab');
      const script =
        "((e) => (e.getAttribute('aria-label') ?? '') + e.textContent + e.tagName)(document.activeElement.shadowRoot.activeElement)";
      reached.add(String(await page.evaluate(script)));
    }
    // The list of events is reached too, so that it can be scrolled.
    expect(reached.size).toBe(all + 1);
    const kill = page.getByRole('button', { name: 'Kill', exact: true });
    await kill.focus();
    await page.keyboard.press('Enter');
    await page.locator('.latest', { hasText: 'n1 is killed.' }).waitFor();
    await page.keyboard.press('Space');
    await page.locator('.latest', { hasText: 'n1 is started again' }).waitFor();
  });

  test('a part that is clicked in the picture is the one to interfere with', async () => {
    const page = await open();
    await page.locator('[data-part=B] .letter').click();
    await press(page, 'Cut B–n4');
    await page.locator('.latest', { hasText: 'The path between B and n4 is cut.' }).waitFor();
    await press(page, 'Join B–n4');
    await page.locator('.latest', { hasText: 'is open again' }).waitFor();
  });

  test('the address keeps what the visitor has done, over a reload', async () => {
    const page = await open('#cluster=turns,4,1000');
    await press(page, 'Kill');
    await press(page, 'Step');
    await page
      .locator('.facts', { hasText: '1.02 s' })
      .or(page.locator('.facts', { hasText: '1.03 s' }))
      .waitFor();
    const events = await page.locator('.events li').allTextContents();
    expect(new URL(page.url()).hash).toBe('#cluster=turns,4,1025,1000.n1.kill');
    await page.reload();
    await page.locator('.latest', { hasText: 'n1 is killed.' }).waitFor();
    expect(await page.locator('.events li').allTextContents()).toEqual(events);
  });

  test.each(['light', 'dark'] as const)('follows a system that is %s', async (colorScheme) => {
    const page = await open('', { colorScheme });
    const color = 'getComputedStyle(document.querySelector("live-cluster")).color';
    expect(await page.evaluate(color)).toBe(
      colorScheme === 'light' ? 'rgb(31, 35, 40)' : 'rgb(230, 232, 235)',
    );
    const directory = await mkdtemp(join(tmpdir(), 'live-cluster-'));
    const path = join(directory, `${colorScheme}.png`);
    await page.screenshot({ path, fullPage: true });
    expect((await stat(path)).size).toBeGreaterThan(10_000);
    await rm(directory, { recursive: true });
  });

  test('is dark on a page that has the class dark, as VitePress gives it', async () => {
    const page = await open('', { colorScheme: 'light' });
    await page.evaluate('document.documentElement.classList.add("dark")');
    const color = 'getComputedStyle(document.querySelector("live-cluster")).color';
    expect(await page.evaluate(color)).toBe('rgb(230, 232, 235)');
  });
});
