import { provideServerSource } from './provided-source.js';

/** Before any test file: servers are found or installed, or the whole run fails and says how to get one. */
export default async function provideServers(): Promise<void> {
  await provideServerSource();
}
