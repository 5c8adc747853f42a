// Perf: without the fonts that VitePress brings; with them a first visit would load 70 kB more.
import theme from 'vitepress/theme-without-fonts';
import type { Theme } from 'vitepress';
import { LiveClusterSlot } from './live-cluster-slot.js';
import './style.css';

export default {
  extends: theme,
  enhanceApp: ({ app }) => void app.component('LiveClusterSlot', LiveClusterSlot),
} satisfies Theme;
