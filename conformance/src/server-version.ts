import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { provideServerSource } from 'testbed';

/** What the servers of the runs are, such as `Redis 7.0.15`. */
export async function serverVersion(): Promise<string> {
  const source = await provideServerSource();
  if (source.kind === 'docker') return 'the images of docker/docker-compose.yml';
  const { stdout } = await promisify(execFile)(source.binary, ['--version']);
  const [, name = '', version = ''] = /^(\w+) server v=(\S+)/.exec(stdout) ?? [];
  return `${name} ${version}`;
}
