import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { ServerAddress } from './server.js';

/** What a sick server does with each connection, instead of serving Redis. */
type Ailment = (socket: Socket) => void;

const HOST = '127.0.0.1';
const HTTP = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n';
const REFUSAL = '-WRONGPASS invalid username-password pair or user is disabled.\r\n';

export const ailments = {
  'refuses the password': (socket) =>
    socket.on('data', (data) => void socket.write(REFUSAL.repeat(commandsIn(data)))),
  'closes at once': (socket) => void socket.destroy(),
  'is mute': (socket) => void socket.resume(),
  'speaks HTTP': (socket) => void socket.once('data', () => socket.end(HTTP)),
  'has too many clients': (socket) =>
    void socket.resume().end('-ERR max number of clients reached\r\n'),
} satisfies Readonly<Record<string, Ailment>>;

/** A server that takes connections and serves no client. It counts the connections. */
export class SickServer {
  readonly address: ServerAddress;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  readonly #times: number[];

  private constructor(server: Server, port: number, sockets: Set<Socket>, times: number[]) {
    this.#server = server;
    this.address = { host: HOST, port };
    this.#sockets = sockets;
    this.#times = times;
  }

  static async start(ailment: Ailment): Promise<SickServer> {
    const sockets = new Set<Socket>();
    const times: number[] = [];
    const server = createServer((socket) => {
      times.push(performance.now());
      sockets.add(socket);
      // Some clients close a connection without a word, which is no fault here.
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
      ailment(socket);
    });
    server.listen({ host: HOST, port: 0 });
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    return new SickServer(server, port, sockets, times);
  }

  /** How many connections were made so far. */
  get connections(): number {
    return this.#times.length;
  }

  /** How many connections were made in each second since the first. */
  get rate(): readonly number[] {
    const [first = 0] = this.#times;
    const rate: number[] = [];
    for (const time of this.#times) {
      const second = Math.floor((time - first) / 1000);
      while (rate.length <= second) rate.push(0);
      rate[second] = (rate[second] ?? 0) + 1;
    }
    return rate;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

function commandsIn(data: Buffer): number {
  return data.toString('latin1').match(/\*\d+\r\n/g)?.length ?? 0;
}
