import { randomBytes } from 'node:crypto';
import { type ComposeCommand, findCompose } from './compose-command.js';
import { ComposeProject } from './compose-project.js';
import { DockerServer } from './docker-server.js';
import { freePort } from './free-port.js';
import { answersPing } from './ping.js';
import { directiveArguments } from './redis-arguments.js';
import type { RedisServer, ServerOptions } from './redis-server.js';

const MOST_SERVERS = 5;
const PORT_ATTEMPTS = 3;
const LOG_LINES = 10;

interface Node {
  name: string;
  port: number;
}

/** Running servers, the first services of docker/docker-compose.yml, in a project of their own. */
export async function launchDockerServers(
  names: readonly string[],
  options: ServerOptions = {},
): Promise<RedisServer[]> {
  if (names.length > MOST_SERVERS) {
    throw new Error(`Docker has at most ${MOST_SERVERS} servers in a set, not ${names.length}`);
  }
  const command = await findCompose();
  if (command === null) throw new Error('No Docker engine with Compose answers');
  return launch(names, command, options, PORT_ATTEMPTS);
}

async function launch(
  names: readonly string[],
  command: ComposeCommand,
  options: ServerOptions,
  attempts: number,
): Promise<RedisServer[]> {
  const nodes = await Promise.all(names.map(async (name) => ({ name, port: await freePort() })));
  const ports = nodes.map(({ port }, index) => [`REDIS_PORT_${index + 1}`, String(port)]);
  const id = `redlock-test-kit-${process.pid}-${randomBytes(4).toString('hex')}`;
  const project = new ComposeProject(id, command, {
    ...Object.fromEntries(ports),
    REDIS_ARGUMENTS: quoted(directiveArguments(options.config ?? {})),
  });
  try {
    await project.run('up', '-d', ...names);
    await allReady(nodes, project);
    return serversOf(nodes, project);
  } catch (error) {
    await project.down();
    const lostPort = /already (allocated|in use)/i.test(String(error));
    if (!lostPort || attempts <= 1) throw error;
  }
  return launch(names, command, options, attempts - 1);
}

async function allReady(nodes: readonly Node[], project: ComposeProject): Promise<void> {
  try {
    await Promise.all(nodes.map(({ port }) => answersPing({ port })));
  } catch (cause) {
    const log = await project.run('logs', '--no-color', `--tail=${LOG_LINES}`);
    throw new Error(`A server did not start:\n${log}`, { cause });
  }
}

/** The project goes down with its last server. */
function serversOf(nodes: readonly Node[], project: ComposeProject): RedisServer[] {
  const left = new Set<RedisServer>();
  const leave = async (server: RedisServer): Promise<void> => {
    left.delete(server);
    if (left.size === 0) await project.down();
  };
  for (const { name, port } of nodes) left.add(new DockerServer(name, port, project, leave));
  return [...left];
}

/** Compose splits the command into words as a shell would. */
function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'"'"'`)}'`).join(' ');
}
