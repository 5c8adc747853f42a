import { existsSync } from 'node:fs';
import { readCommandLine } from 'test-kit/arguments';
import { BUILT } from './repository.js';
import { serveDirectory } from './static-server.js';

const USAGE = `pnpm site:serve

Serves the site that pnpm site has built, until Ctrl+C.

  --help   this text`;

readCommandLine({ usage: USAGE, options: {}, argumentsOf: () => null });

if (!existsSync(BUILT)) throw new Error('Nothing was built yet: run pnpm site first');
const { origin } = await serveDirectory(BUILT);
console.log(`The site is at ${origin}`);
