import type { Scoreboard, WorkerScore } from './scoreboard.js';
import type { View } from './view.js';

const INTERVAL = 100;
const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';
const CLEAR_LINE = '\u001B[2K';

/** A table in the terminal, redrawn in place. */
export class TableView implements View {
  readonly #board: Scoreboard;
  readonly #out: NodeJS.WriteStream;
  readonly #timer: NodeJS.Timeout;
  #height = 0;
  #isEnded = false;

  constructor(board: Scoreboard, out: NodeJS.WriteStream) {
    this.#board = board;
    this.#out = out;
    out.write(HIDE_CURSOR);
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), INTERVAL);
  }

  static heightFor(board: Scoreboard): number {
    return tableOf(board).length;
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearInterval(this.#timer);
    this.#draw();
    this.#out.write(SHOW_CURSOR);
  }

  #draw(): void {
    // A line that wraps would be two.
    const width = (this.#out.columns || 80) - 1;
    const lines = tableOf(this.#board).map((line) => `${CLEAR_LINE}${line.slice(0, width)}\n`);
    const back = this.#height > 0 ? `\u001B[${this.#height}A` : '';
    this.#out.write(back + lines.join(''));
    this.#height = lines.length;
  }
}

function tableOf(board: Scoreboard): string[] {
  const { time, phase, nodes, workers, tally, withoutLock } = board;
  const nodeStates = [...nodes].map(([name, state]) =>
    state === 'up' ? `● ${name}` : `○ ${name} killed`,
  );
  const first =
    withoutLock.counter === null
      ? ''
      : `before, without a lock: ${withoutLock.lost} of ${withoutLock.updates} updates lost`;
  return [
    '',
    `${(time / 1000).toFixed(1).padStart(5)} s   ${phase.toUpperCase()}`,
    `  nodes   ${nodeStates.join('  ')}`,
    '',
    '  worker      updates  state      last wait',
    ...[...workers].map(([name, score]) => rowOf(name, score, phase)),
    `  all      ${String(tally.updates).padStart(10)}  overlaps: ${tally.overlaps}`,
    `  ${first}`,
    '',
  ];
}

function rowOf(
  name: string,
  { state, updates, lastWait }: WorkerScore,
  phase: Scoreboard['phase'],
): string {
  const inside = phase === 'with the lock' ? 'HOLDING' : 'writing';
  const word = (state === 'inside' ? inside : state).padEnd(8);
  const wait = lastWait === null ? '-' : `${lastWait.toFixed(0)} ms`;
  return `  ${name.padEnd(9)}${String(updates).padStart(10)}  ${word}  ${wait.padStart(10)}`;
}
