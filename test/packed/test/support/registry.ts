import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** What npm sends of a package that it publishes. */
interface Publication {
  readonly name: string;
  readonly access: string;
  readonly versions: Readonly<Record<string, unknown>>;
}

/** A registry of npm on this machine that knows some versions, and takes down what it is sent. */
export class Registry implements AsyncDisposable {
  readonly received: Publication[] = [];
  readonly #server: Server;
  readonly #known: Readonly<Record<string, readonly string[]>>;

  private constructor(known: Readonly<Record<string, readonly string[]>>) {
    this.#known = known;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  static async open(known: Readonly<Record<string, readonly string[]>>): Promise<Registry> {
    const registry = new Registry(known);
    registry.#server.listen(0, '127.0.0.1');
    await once(registry.#server, 'listening');
    return registry;
  }

  /** With which npm uses it. */
  get settings(): Readonly<Record<string, string>> {
    const { port } = this.#server.address() as AddressInfo;
    const address = `//127.0.0.1:${port}/`;
    return {
      npm_config_registry: `http:${address}`,
      [`npm_config_${address}:_authToken`]: 'token',
    };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request;
    const name = url.slice(1);
    if (method === 'PUT') {
      this.received.push((await json(request)) as Publication);
      response.writeHead(201).end('{}');
      return;
    }
    const known = this.#known[name];
    if (!known) {
      response.writeHead(404).end('{}');
      return;
    }
    const versions = Object.fromEntries(known.map((version) => [version, { name, version }]));
    response.end(JSON.stringify({ name, versions, 'dist-tags': { latest: known.at(-1) } }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
