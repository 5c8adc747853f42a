import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const require = createRequire(import.meta.url);
const ATTW = join(dirname(require.resolve('@arethetypeswrong/cli/package.json')), 'dist/index.js');
const UNADORNED = ['--no-color', '--no-emoji', '--format', 'ascii'];

/** What publint finds in a tarball: whether the manifest and the files go together. */
export async function publintFindings({ file, manifest }) {
  const { buffer: tarball } = new Uint8Array(await readFile(file));
  const { messages } = await publint({ pack: { tarball }, strict: true });
  return messages.map(
    (message) => `publint: ${formatMessage(message, manifest, { color: false })}`,
  );
}

/** What attw finds in it: whether each way to resolve an entry leads to types that tell the truth. */
export async function attwFindings({ file, manifest }) {
  // Named one by one, because attw also looks for a main entry where there is none.
  const entries = Object.keys(manifest.exports);
  if (entries.length === 0) return [];
  try {
    const args = [ATTW, file, ...UNADORNED, '--entrypoints', ...entries];
    await promisify(execFile)(process.execPath, args);
    return [];
  } catch (error) {
    return [`attw: ${error.stdout || error.message}`];
  }
}
