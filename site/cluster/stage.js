import { createServer } from 'node:http';
import { compile } from './bundle.js';

// A page with nothing but the live cluster.

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Live cluster</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light dark; background: light-dark(#fff, #15181c); }
  :root.dark { color-scheme: dark; }
  body { margin: 16px; }
</style>
<live-cluster></live-cluster>
<script type="module" src="/live-cluster.js"></script>
</html>`;

/** Bundles the live cluster and serves it. */
export async function serve() {
  const script = await compile();
  const server = createServer(({ url }, response) => {
    const isScript = url === '/live-cluster.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    // As strict as a site may be: no code from anywhere else, and none that is made of text.
    response.setHeader(
      'content-security-policy',
      "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data:",
    );
    response.end(isScript ? script : PAGE);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve(undefined));
        server.closeAllConnections();
      }),
  };
}
