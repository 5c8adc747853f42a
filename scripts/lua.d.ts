import type { Plugin } from 'esbuild';

export function embed(path: string): { readonly text: string; readonly files: readonly string[] };
export const lua: Plugin;
