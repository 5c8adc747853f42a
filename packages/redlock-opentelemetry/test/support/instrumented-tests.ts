import { afterEach, beforeEach } from '@jest/globals';
import { instrumentRedlock } from '../../src/index.js';
import { Sdk } from './sdk.js';

/** Instruments each test of a file. @param use is given the SDK of the test that begins */
export function instrumentEach(use: (sdk: Sdk) => void): void {
  const ends: (() => void)[] = [];
  beforeEach(() => {
    const sdk = new Sdk();
    const instrumentation = instrumentRedlock();
    ends.push(instrumentation.dispose, () => sdk[Symbol.dispose]());
    use(sdk);
  });
  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });
}
