import { LineView } from './line-view.js';
import type { Scoreboard } from './scoreboard.js';
import { TableView } from './table-view.js';

/** Shows the scoreboard while the demo runs. */
export interface View {
  /** Shows it a last time and gives the terminal back. Idempotent. */
  end(): void;
}

/** A table that is redrawn in place, in a terminal that can; otherwise lines. */
export function openView(board: Scoreboard, out: NodeJS.WriteStream): View {
  // A terminal that does not say how tall it is has 0 rows.
  const tall = !out.rows || out.rows > TableView.heightFor(board);
  const able = out.isTTY && process.env['TERM'] !== 'dumb' && tall;
  return able ? new TableView(board, out) : new LineView(board, out);
}
