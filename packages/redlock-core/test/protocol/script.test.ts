import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { embed } from '../../../../scripts/lua.js';
import { PROGRAMS } from '../../src/protocol/program.js';

const SCRIPT = fileURLToPath(new URL('../../src/protocol/script', import.meta.url));

test('the scripts are made of all files of their directory, and are not sent with comments and indentation', async () => {
  const names = await readdir(SCRIPT, { recursive: true });
  const scripts = names.filter((name) => /^(batch|alone.*)\.lua$/.test(name));
  const embedded = scripts.map((name) => embed(join(SCRIPT, name)));
  expect(new Set(embedded.flatMap(({ files }) => files))).toEqual(
    new Set(names.filter((name) => name.endsWith('.lua')).map((name) => join(SCRIPT, name))),
  );
  expect(new Set(PROGRAMS.map(({ source }) => source))).toEqual(
    new Set(embedded.map(({ text }) => text)),
  );
  for (const { text } of embedded) {
    expect(text.split('\n').filter((line) => /^(\s|--|$)/.test(line))).toEqual([]);
  }
});

describe('Lua is embedded', () => {
  let directory = '';

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lua-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  async function embedded(files: Readonly<Record<string, string>>): Promise<string> {
    const paths = Object.entries(files).map(async ([name, text]) => {
      const path = join(directory, name);
      await writeFile(path, text);
      return path;
    });
    const [first = ''] = await Promise.all(paths);
    return embed(first).text;
  }

  test('with the files that it includes, and those that these include', async () => {
    const text = await embedded({
      'a.lua': '-- Adds.\nif x then\n  -- include b.lua\n\n  add()\nend\n',
      'b.lua': '-- include c.lua\nlocal b = c\n',
      'c.lua': 'local c = 1\n',
    });
    expect(text).toBe('if x then\nlocal c = 1\nlocal b = c\nadd()\nend');
  });

  test.each(["x = '--'", 'x = 1 -- one', '--[[ one', '--[==[ one'])(
    'but not with what may be a comment: %s',
    async (line) => {
      await expect(embedded({ 'a.lua': line })).rejects.toThrow('a comment needs its own line');
    },
  );
});
