import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** Answers each chunk with its own text and keeps a record: what a proxy does is all about bytes. */
export class EchoServer {
  readonly received: string[] = [];
  readonly sockets = new Set<Socket>();
  readonly #server: Server = createServer((socket) => {
    this.sockets.add(socket);
    socket.setEncoding('utf8');
    socket.on('error', () => {});
    socket.on('data', (text: string) => {
      this.received.push(text.trimEnd());
      socket.write(text);
    });
    socket.on('close', () => this.sockets.delete(socket));
  });

  get host(): string {
    return '127.0.0.1';
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async listen(): Promise<void> {
    this.#server.listen({ host: this.host, port: 0 });
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.#server, 'close');
  }
}
