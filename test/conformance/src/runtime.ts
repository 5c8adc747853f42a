import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type OtherRuntime, provideRuntime } from 'test-kit';

/** What the suite is run on. */
export interface Runtime {
  /** With its version. */
  readonly name: string;
  /** Runs a file. */
  readonly command: readonly [string, ...string[]];
}

const run = promisify(execFile);
const NAMES = { bun: 'Bun', deno: 'Deno' } satisfies Record<OtherRuntime, string>;

/** @param major of Node; from npm unless it is that of this process */
export async function nodeRuntime(major: string): Promise<Runtime> {
  const binary = await nodeBinary(major);
  return { name: `Node ${await versionOf(binary)}`, command: [binary] };
}

/** Fetched from npm when it is needed first. */
export async function otherRuntime(name: OtherRuntime): Promise<Runtime> {
  const command = await provideRuntime(name);
  return { name: `${NAMES[name]} ${await versionOf(command[0])}`, command };
}

async function nodeBinary(major: string): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const name = `node-${process.platform}-${process.arch}@${major}`;
  const { stdout } = await run('npx', ['-y', '-p', name, '-c', 'node -p process.execPath']);
  return stdout.trim();
}

async function versionOf(binary: string): Promise<string> {
  const { stdout } = await run(binary, ['--version']);
  const [version = 'of no known version'] = /\d+\.\d+\.\d+/.exec(stdout) ?? [];
  return version;
}
