// A program of its own, over the built packages. Takes a lock on the node of a URL, and tells.
// Arguments: the URL, the node timeout in ms.
import { Redlock } from 'redlock-core';
import { ioredisNodeFromUrl } from 'redlock-ioredis-adapter';

const [url, nodeTimeout] = process.argv.slice(2);
const node = ioredisNodeFromUrl(url);
const redlock = new Redlock([node], { nodeTimeout: Number(nodeTimeout) });
try {
  const { token } = await redlock.acquire('over TLS', 60_000, { wait: 0 });
  console.log(JSON.stringify({ name: node.name, token }));
} catch (error) {
  console.log(JSON.stringify(error));
}
await redlock.close();
