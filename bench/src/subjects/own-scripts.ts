import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** redlock-core as it is built; an import, so that it is found as a user's is. */
export const CORE = fileURLToPath(import.meta.resolve('redlock-core'));

/** A module of the bundle that is a Lua script: its name in a comment, then a variable with the text. */
const SCRIPT = /^(\/\/ src\/\S+\.lua\nvar \w+ = ).*;$/gm;

/** The bundle with empty scripts. */
export function withoutScripts(bundle: string): string {
  const without = bundle.replaceAll(SCRIPT, '$1"";');
  if (without === bundle) throw new Error(`${CORE} has no scripts that the bench can find`);
  return without;
}

/** The commands that redlock-core's scripts may call, in whatever situation. */
export async function commandsInOwnScripts(): Promise<ReadonlySet<string>> {
  const bundle = await readFile(CORE, 'utf8');
  const scripts = [...bundle.matchAll(SCRIPT)].map(([script]) => script).join('\n');
  const names = [...scripts.matchAll(/call\(\\?['"](\w+)/g)].map(([, name = '']) => name);
  if (names.length === 0) throw new Error(`No script in ${CORE} calls a command`);
  return new Set(names.map((name) => name.toLowerCase()));
}
