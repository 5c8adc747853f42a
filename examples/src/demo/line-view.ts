import type { Scoreboard } from './scoreboard.js';
import type { View } from './view.js';

const INTERVAL = 1000;

/** A line about every second, for a log or a pipe. */
export class LineView implements View {
  readonly #board: Scoreboard;
  readonly #out: NodeJS.WritableStream;
  readonly #timer: NodeJS.Timeout;

  constructor(board: Scoreboard, out: NodeJS.WritableStream) {
    this.#board = board;
    this.#out = out;
    this.#timer = setInterval(() => this.#show(), INTERVAL);
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #show(): void {
    const { time, phase, nodes, tally, workers } = this.#board;
    const down = [...nodes].filter(([, state]) => state === 'down').map(([name]) => name);
    const seconds = (time / 1000).toFixed(1).padStart(5);
    const states = [...workers.values()].map(({ state }) => state);
    const parts = [
      `${nodes.size - down.length} of ${nodes.size} nodes up`,
      ...(down.length > 0 ? [`killed: ${down.join(' ')}`] : []),
      `${tally.updates} updates`,
      `${tally.overlaps} overlaps`,
      `workers ${states.join(' ')}`,
    ];
    this.#out.write(`${seconds} s  ${phase}: ${parts.join(', ')}\n`);
  }
}
