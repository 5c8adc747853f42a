import type { Browser } from 'playwright-core';

export function launch(executablePath: string): Promise<Browser>;
export function serve(): Promise<{ readonly url: string; close(): Promise<void> }>;
