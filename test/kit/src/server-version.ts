import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { provideServerSource } from './provided-source.js';

/** The servers that deployments have, such as `Redis 7.0.15`. */
export async function serverVersion(): Promise<string> {
  const source = await provideServerSource();
  if (source.kind === 'docker') return 'the images of docker/docker-compose.yml';
  const { stdout } = await promisify(execFile)(source.binary, ['--version']);
  const [, name = '', version = ''] = /^(\w+) server v=(\S+)/.exec(stdout) ?? [];
  return `${name} ${version}`;
}
