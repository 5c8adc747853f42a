import type { Plugin } from 'esbuild';

export const lua: Plugin;
