import { moduleOf } from './lua.js';

// How Bun imports Lua, when it runs tests of the core: `bun test --preload ./scripts/lua-bun.js`.

Bun.plugin({
  name: 'lua',
  setup({ onLoad }) {
    onLoad({ filter: /\.lua$/ }, ({ path }) => ({ contents: moduleOf(path), loader: 'js' }));
  },
});
