import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection that speaks inline commands, one at a time, and nothing more. */
export class RedisClient {
  readonly closed: Promise<unknown>;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', resolve);
    });
  }

  static async connect(server: { host: string; port: number }): Promise<RedisClient> {
    const socket = connect({ host: server.host, port: server.port });
    await once(socket, 'connect');
    return new RedisClient(socket);
  }

  send(command: string): void {
    this.#socket.write(`${command}\r\n`);
  }

  /** The next chunk from the server. */
  async reply(): Promise<string> {
    const [text] = await once(this.#socket, 'data');
    return String(text).trimEnd();
  }

  async ask(command: string): Promise<string> {
    const reply = this.reply();
    this.send(command);
    return reply;
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** One command over a connection of its own. */
export async function askOnce(
  server: { host: string; port: number },
  command: string,
): Promise<string> {
  const client = await RedisClient.connect(server);
  try {
    return await client.ask(command);
  } finally {
    client.destroy();
  }
}
