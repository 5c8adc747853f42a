import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where a major version of Node is; from npm unless it is this one. */
export async function nodeBinary(major: string): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const name = `node-${process.platform}-${process.arch}@${major}`;
  const { stdout } = await run('npx', ['-y', '-p', name, '-c', 'node -p process.execPath']);
  return stdout.trim();
}

export async function versionOf(binary: string): Promise<string> {
  const { stdout } = await run(binary, ['--version']);
  return stdout.trim().slice(1);
}
