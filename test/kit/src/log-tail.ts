import type { Readable } from 'node:stream';

const KEPT_CHARACTERS = 4_000;
const KEPT_LINES = 15;

/** The last lines that a server has written. */
export class LogTail {
  #tail = '';

  constructor(...streams: readonly Readable[]) {
    for (const stream of streams) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        this.#tail = (this.#tail + text).slice(-KEPT_CHARACTERS);
      });
    }
  }

  text(): string {
    return this.#tail.trimEnd().split('\n').slice(-KEPT_LINES).join('\n');
  }
}
