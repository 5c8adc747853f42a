import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

// How Lua gets into JavaScript: `import source from './batch.lua'` gives the text that a server is sent.
// Whatever compiles the core's sources takes that text from `embed`: the bundles of packages, the
// simulator's bundle, and Jest.

const INCLUDE = /^-- include (\S+\.lua)$/;

/**
 * The text of a Lua file without comments and indentation, which would only make it longer on its way to
 * a server. A line `-- include other.lua` is replaced by the text of that file.
 * @param {string} path
 * @returns {{ text: string, files: string[] }} and the files that it is made of
 */
export function embed(path) {
  const lines = [];
  const files = [path];
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const code = line.trim();
    const included = INCLUDE.exec(code)?.[1];
    if (included) {
      const other = embed(join(dirname(path), included));
      lines.push(other.text);
      files.push(...other.files);
    } else if (code !== '' && !isComment(code)) {
      // Behind code, only a parser of Lua could tell a comment from a part of a string.
      if (code.includes('--')) throw new Error(`${path}: a comment needs its own line: ${code}`);
      lines.push(code);
    }
  }
  return { text: lines.join('\n'), files };
}

/** A comment of several lines, `--[[`, is none here, and so an error. */
function isComment(code) {
  return code.startsWith('--') && !code.startsWith('--[');
}

/** The same as a module of JavaScript, for those that run tests. */
export function moduleOf(path) {
  return `export default ${JSON.stringify(embed(path).text)};`;
}

/** For esbuild. */
export const lua = {
  name: 'lua',
  setup({ onLoad }) {
    onLoad({ filter: /\.lua$/ }, ({ path }) => {
      const { text, files } = embed(path);
      return { contents: text, loader: 'text', watchFiles: files };
    });
  },
};
