import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findChromium, NO_CHROMIUM } from 'test-kit/browser';
import { serve } from './stage.js';

// Takes the pictures of the live cluster in docs/pictures.

/** B has the lock, and A is being denied. */
const MOMENT = '#cluster=turns,1,3945';
const PHONE_MOMENT = '#cluster=pause,1,5910';

const PICTURES = [
  { name: 'light', hash: MOMENT, colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { name: 'dark', hash: MOMENT, colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  {
    name: 'phone',
    hash: PHONE_MOMENT,
    colorScheme: 'light',
    viewport: { width: 390, height: 844 },
  },
];

const found = await findChromium();
if (found === null) {
  console.error(NO_CHROMIUM);
  process.exit(1);
}
const [browser, site] = await Promise.all([chromium.launch({ executablePath: found }), serve()]);
for (const { name, hash, colorScheme, viewport } of PICTURES) {
  const page = await browser.newPage({ colorScheme, viewport, reducedMotion: 'no-preference' });
  await page.goto(site.url + hash);
  await page.locator('.events li').first().waitFor();
  const path = fileURLToPath(
    new URL(`../../docs/pictures/live-cluster-${name}.png`, import.meta.url),
  );
  await page.screenshot({ path, fullPage: true });
  await page.close();
}
await Promise.all([browser.close(), site.close()]);
