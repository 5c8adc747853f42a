import type { BrowserContext, Page } from 'playwright-core';

/** A page that a browser has opened, and what it has seen of it so far. */
export interface Visit {
  readonly page: Page;
  /** Errors and warnings in the console, and errors that nobody caught. */
  readonly complaints: readonly string[];
  readonly requests: readonly string[];
  /** In bytes, as they came over the network. */
  transferred(): Promise<number>;
}

/** Opens a page, and waits until it is interactive and has loaded all that it wants. */
export async function visit(context: BrowserContext, address: string): Promise<Visit> {
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  const sizes: Promise<number>[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  page.on('requestfinished', (request) => {
    sizes.push(request.sizes().then((size) => size.responseBodySize + size.responseHeadersSize));
  });
  await page.goto(address, { waitUntil: 'networkidle' });
  // On a slow machine the network is idle before the scripts have run that listen to keys. Vue marks what it has mounted.
  await page.waitForFunction(() => '__vue_app__' in (document.querySelector('#app') ?? {}));
  return {
    page,
    complaints,
    requests,
    transferred: async () => (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0),
  };
}
