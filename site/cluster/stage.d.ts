export function serve(): Promise<{ readonly url: string; close(): Promise<void> }>;
