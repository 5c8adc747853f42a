import { findExecutable } from './executable.js';

/** How Chromium is called on PATH, by distribution. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];

/** For the name of a test that is skipped without a browser. */
export const NO_CHROMIUM =
  'no Chromium was found: install one (apt-get install chromium), or set CHROMIUM_PATH to its path';

/** The path of a Chromium: the one in `CHROMIUM_PATH`, else the first on PATH, else null. */
export async function findChromium(): Promise<string | null> {
  const given = process.env['CHROMIUM_PATH'];
  if (given !== undefined && given !== '') return given;
  for (const name of NAMES) {
    const path = await findExecutable(name);
    if (path !== null) return path;
  }
  return null;
}
