import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import { readSource, ROOT } from '../src/repository.js';

const BLOCK = /^```ts\n(.*?)^```$/gms;

/** What the pages take for granted. Their helpers, such as `charge`, are not declared. */
const GIVEN = `
declare const redlock: import('redlock-core').Redlock;
declare const election: import('redlock-core').Election;
declare const nodes: readonly import('redlock-core').RedisNode[];
declare const signal: AbortSignal;
declare module '@opentelemetry/sdk-node';
`;

/** Names of helpers and of test runners; an implicit any because of one; and a block that ends with `return`. */
const IGNORED = new Set([2304, 2552, 2593, 7006, 7031, 1108]);

/** Pages whose blocks are no excerpts of files. */
function pages(): string[] {
  const list = execFileSync('git', ['ls-files', 'README.md', 'docs/*.md'], { cwd: ROOT });
  const files = String(list).trim().split('\n');
  return files.filter((file) => !file.startsWith('docs/recipes/'));
}

test('the blocks in TypeScript of the documents compile', () => {
  // In examples/, which has every package that they import.
  const files = new Map([[join(ROOT, 'examples/given.d.ts'), GIVEN]]);
  for (const page of pages()) {
    for (const [index, [, code = '']] of [...readSource(page).matchAll(BLOCK)].entries()) {
      const name = `${page.replaceAll('/', '-')}-${index}.mts`;
      files.set(join(ROOT, 'examples', name), `export {};\n${code}`);
    }
  }
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    lib: ['lib.esnext.d.ts', 'lib.dom.d.ts'],
    types: ['node'],
  };
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    readFile: (file) => files.get(file) ?? disk.readFile(file),
    fileExists: (file) => files.has(file) || disk.fileExists(file),
    getSourceFile: (file, language) => {
      const text = files.get(file);
      return text === undefined
        ? disk.getSourceFile(file, language)
        : ts.createSourceFile(file, text, language);
    },
  };
  const program = ts.createProgram([...files.keys()], options, host);
  const errors = ts
    .getPreEmitDiagnostics(program)
    .filter(({ code, file }) => !IGNORED.has(code) && file && files.has(file.fileName))
    .map(({ file, start = 0, messageText }) => {
      const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1;
      return `${file?.fileName.slice(ROOT.length)}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  expect(files.size).toBeGreaterThan(20);
  expect(errors).toEqual([]);
}, 60_000);
