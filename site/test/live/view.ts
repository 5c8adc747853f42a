import { expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { PRESETS } from '../../.vitepress/theme/live/presets.js';
import { play } from './play.js';

const PHONE = { width: 390, height: 844 };

function press(page: Page, name: string): Promise<void> {
  return page.getByRole('button', { name, exact: true }).click();
}

function latest(page: Page, text: string): Promise<void> {
  return page.locator('.latest', { hasText: text }).waitFor();
}

/** @param openPage opens a page that shows the live cluster */
export function testLiveCluster(
  openPage: (
    options?: BrowserContextOptions,
  ) => Promise<{ readonly page: Page; readonly complaints: readonly string[] }>,
): void {
  test('each preset plays to its end, as it does in Node', async () => {
    const { page, complaints } = await openPage();
    for (const preset of PRESETS) {
      await press(page, preset.title);
      await press(page, 'To the end');
      await page.locator('.ending', { hasText: preset.ending }).waitFor();
      const shown = await page.locator('.events li span').allTextContents();
      const { journal } = await play(preset, 1);
      expect(shown.toReversed()).toEqual(journal.entries.slice(-60).map(({ text }) => text));
    }
    expect(complaints).toEqual([]);
  });

  test('two holders are shown in the picture, and time stops at the end', async () => {
    const { page } = await openPage({ reducedMotion: 'no-preference' });
    await press(page, 'Without quarantine: two holders');
    await press(page, 'Fast');
    await page.locator('.twoHolders', { hasText: '2 holders: A and B' }).waitFor();
    await page.locator('.ending', { hasText: 'Two clients held the lock' }).waitFor();
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  });

  test('nothing moves by itself for a visitor who wants little motion', async () => {
    const { page } = await openPage();
    await press(page, 'Split vote');
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    const picture = page.locator('.picture');
    const before = await picture.innerHTML();
    await page.waitForTimeout(300);
    expect(await picture.innerHTML()).toBe(before);
  });

  test('no preset and no part makes the page wider than a telephone', async () => {
    const { page } = await openPage({ viewport: PHONE });
    for (const { title } of PRESETS) {
      await press(page, title);
      for (const part of ['Node n1', 'Client B']) {
        await press(page, part);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width);
      }
    }
  });

  test('Tab reaches all controls, which work by Enter and by Space', async () => {
    const { page } = await openPage();
    const buttons = page.locator('live-cluster').locator('button');
    const all = await buttons.count();
    await buttons.first().focus();
    const reached = new Set<string>();
    // The list of events is reached too, so that it can be scrolled.
    for (let presses = 0; presses < all + 1; presses++) {
      const script =
        "((e) => (e.getAttribute('aria-label') ?? '') + e.textContent + e.tagName)(document.activeElement.shadowRoot.activeElement)";
      reached.add(String(await page.evaluate(script)));
      await page.keyboard.press('Tab');
    }
    expect(reached.size).toBe(all + 1);
    await page.getByRole('button', { name: 'Kill', exact: true }).focus();
    await page.keyboard.press('Enter');
    await latest(page, 'n1 is killed.');
    await page.keyboard.press('Space');
    await latest(page, 'n1 starts again.');
  });

  test('a part that is clicked in the picture is the one to interfere with', async () => {
    const { page } = await openPage();
    await page.locator('[data-part=B] .letter').click();
    await press(page, 'Cut off B–n4');
    await latest(page, 'The path B–n4 is cut off.');
    await press(page, 'Reconnect B–n4');
    await latest(page, 'The path B–n4 is connected again.');
  });

  test.each(['light', 'dark'] as const)('follows a system that is %s', async (colorScheme) => {
    const { page } = await openPage({ colorScheme });
    const color = 'getComputedStyle(document.querySelector("live-cluster")).color';
    expect(await page.evaluate(color)).toBe(
      colorScheme === 'light' ? 'rgb(31, 35, 40)' : 'rgb(230, 232, 235)',
    );
  });
}
