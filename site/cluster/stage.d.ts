import type { Browser } from 'playwright-core';

/** @returns null: none was found */
export function findBrowser(): Promise<string | null>;
export function launch(executablePath: string): Promise<Browser>;
export function serve(): Promise<{ readonly url: string; close(): Promise<void> }>;
