import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from 'test-kit';

const PROGRAM = fileURLToPath(new URL('../programs/command.js', import.meta.url));

/** A running command.js, by its connection to the test: the kernel closes it at the very moment of death. */
export class Member {
  /** The signals that the command has got, in order. */
  readonly signals: string[] = [];
  /** Resolves to the time of death, by `Date.now()`. */
  readonly died: Promise<number>;
  pid = 0;
  /** The process that has started it. */
  parent = 0;
  isAlive = true;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {});
    createInterface({ input: socket }).on('line', (line) => {
      const [word = '', pid, parent] = line.split(' ');
      if (word === 'pid') [this.pid, this.parent] = [Number(pid), Number(parent)];
      else this.signals.push(word);
    });
    this.died = once(socket, 'close').then(() => {
      this.isAlive = false;
      return Date.now();
    });
  }

  /** Has the command do something: see command.js. */
  order(...words: readonly (string | number)[]): void {
    this.#socket.write(`${words.join(' ')}\n`);
  }

  /** Resolves when the command has got this signal. */
  async got(signal: string): Promise<void> {
    await until(`the command gets ${signal}`, () => this.signals.includes(signal));
  }
}

/** Sees what commands live through. */
export class Witness implements AsyncDisposable {
  readonly #server: Server;
  readonly #members: Member[] = [];
  readonly #sockets = new Set<Socket>();
  #taken = 0;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      this.#members.push(new Member(socket));
    });
  }

  static async start(): Promise<Witness> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Witness(server);
  }

  /** What to run, so that this witness sees it. */
  command(...manner: readonly 'mortal'[]): string[] {
    const { port } = this.#server.address() as AddressInfo;
    return [process.execPath, PROGRAM, String(port), ...manner];
  }

  /** How many commands have been started. */
  get count(): number {
    return this.#members.length;
  }

  /** The next command that starts. */
  async next(): Promise<Member> {
    await until('a command has started', () => (this.#members[this.#taken]?.pid ?? 0) > 0);
    const member = this.#members[this.#taken++];
    if (!member) throw new Error('There is no such command');
    return member;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
