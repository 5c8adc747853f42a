import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

export interface StaticServer {
  /** Without a slash at its end. */
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves a directory on a free port of this machine, compressed, as a host of static pages does. */
export async function serveDirectory(directory: string): Promise<StaticServer> {
  const server = createServer((request, response) => {
    const path = pathOf(request.url);
    if (path === null) {
      response.writeHead(400).end();
      return;
    }
    // Normalized from the root, so `..` cannot lead out of the directory.
    readFile(join(directory, normalize(path)))
      .then(compress)
      .then(
        (body) => {
          const type = TYPES[extname(path)] ?? 'application/octet-stream';
          response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip' }).end(body);
        },
        () => response.writeHead(404).end(),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The path of a file; null: the URL cannot be decoded, as `/%`. */
function pathOf(url = '/'): string | null {
  try {
    const { pathname } = new URL(url, 'http://localhost');
    return decodeURIComponent(pathname).replace(/\/$/, '/index.html');
  } catch {
    return null;
  }
}
