import type { ComposeProject } from './compose-project.js';
import { answersPing } from './ping.js';
import type { RedisServer, StartOptions } from './redis-server.js';

/** A server that is a service of a Compose project. */
export class DockerServer implements RedisServer {
  readonly host = '127.0.0.1';
  readonly name: string;
  readonly port: number;
  readonly #project: ComposeProject;
  readonly #leave: (server: DockerServer) => Promise<void>;
  #state: 'running' | 'paused' | 'dead' = 'running';
  #closing: Promise<void> | null = null;

  /** `leave` is called once, when the server is closed. */
  constructor(
    name: string,
    port: number,
    project: ComposeProject,
    leave: (server: DockerServer) => Promise<void>,
  ) {
    this.name = name;
    this.port = port;
    this.#project = project;
    this.#leave = leave;
  }

  async start({ empty = false }: StartOptions = {}): Promise<void> {
    await this.kill();
    if (this.#closing !== null) throw new Error(`${this.name} is closed`);
    if (empty) await this.#removeData();
    await this.#project.run('start', this.name);
    this.#state = 'running';
    await answersPing({ port: this.port });
  }

  async kill(): Promise<void> {
    if (this.#state === 'dead') return;
    await this.#project.run('kill', '-s', 'SIGKILL', this.name);
    this.#state = 'dead';
  }

  async pause(): Promise<void> {
    if (this.#state === 'paused') return;
    await this.#project.run('pause', this.name);
    this.#state = 'paused';
  }

  async resume(): Promise<void> {
    if (this.#state !== 'paused') return;
    await this.#project.run('unpause', this.name);
    this.#state = 'running';
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    try {
      await this.kill();
    } finally {
      await this.#leave(this);
    }
  }

  /** In a container of its own: a volume in use cannot be removed. */
  async #removeData(): Promise<void> {
    const script = ['-c', 'rm -rf /data/*'];
    await this.#project.run(
      'run',
      '--rm',
      '-T',
      '--no-deps',
      '--entrypoint',
      'sh',
      this.name,
      ...script,
    );
  }
}
