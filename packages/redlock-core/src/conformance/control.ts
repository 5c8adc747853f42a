import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Reply } from './reply.js';
import type { ServerAddress } from './server.js';

/** Commands of the suite itself to a server, past the client under test. */
export class Control {
  readonly #address: ServerAddress;
  readonly #peers: readonly Control[];

  constructor(address: ServerAddress, peers: readonly ServerAddress[] = []) {
    this.#address = address;
    this.#peers = peers.map((peer) => new Control(peer));
  }

  static async isAnswering(address: ServerAddress): Promise<boolean> {
    try {
      return (await new Control(address).ask('PING')) === 'PONG';
    } catch {
      return false;
    }
  }

  /** Sends a command on a separate connection and resolves with the reply. */
  async ask(...command: readonly string[]): Promise<unknown> {
    return this.askIn(0, ...command);
  }

  /** The same in another database. */
  async askIn(db: number, ...command: readonly string[]): Promise<unknown> {
    const commands = db === 0 ? [command] : [['SELECT', String(db)], command];
    const socket = connect(this.#address);
    try {
      await once(socket, 'connect');
      socket.write(commands.map(encode).join(''));
      return await lastReply(socket, commands.length);
    } finally {
      socket.destroy();
    }
  }

  /** The ids of the connections of clients, without this one. */
  async connections(): Promise<readonly number[]> {
    const lines = await this.#list('normal');
    return lines.map((line) => Number(/\bid=(\d+)/.exec(line)?.[1]));
  }

  /** How many connections have subscriptions, on all servers. */
  async subscribers(): Promise<number> {
    const here = await this.#list('pubsub');
    const others = await Promise.all(this.#peers.map((peer) => peer.subscribers()));
    return others.reduce((sum, count) => sum + count, here.length);
  }

  /** Ends every connection but this one, from the side of the servers. */
  async cut(): Promise<void> {
    await this.ask('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await this.ask('CLIENT', 'KILL', 'TYPE', 'pubsub', 'SKIPME', 'yes');
    await Promise.all(this.#peers.map((peer) => peer.cut()));
  }

  /** Lists connections, without those of Sentinels, which connect again whenever a server restarts. */
  async #list(type: 'normal' | 'pubsub'): Promise<string[]> {
    const list = String(await this.ask('CLIENT', 'LIST', 'TYPE', type));
    const ignored = / cmd=client\|list | name=sentinel-/;
    return list.split('\n').filter((line) => line && !ignored.test(line));
  }
}

function encode(command: readonly string[]): string {
  const words = command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${command.length}\r\n${words.join('')}`;
}

async function lastReply(socket: Socket, count: number): Promise<unknown> {
  let received = Buffer.alloc(0);
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk as Buffer]);
    const replies = Reply.readAll(received);
    const last = replies[count - 1];
    if (last) return last.value;
  }
  throw new Error('The server has closed the connection');
}
