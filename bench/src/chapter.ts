import type { Figure } from './figure.js';

/** What a column of a table has in all rows. */
export interface Column {
  readonly key: string;
  readonly heading: string;
  /** After the decimal point. A column without it has text. */
  readonly digits?: number;
  /** The row that is the same as the one of ratio 1: its figure is the noise of all. */
  readonly noise?: string;
}

export interface Row {
  readonly name: string;
  /** By the key of the column. */
  readonly figures: Readonly<Record<string, Figure>>;
}

export interface Table {
  readonly title: string;
  /** What was done, and what the figures are. */
  readonly explanation: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** The run that a chapter is measured in. */
export interface Context {
  /** A short run shows that the chapter works. Its figures are too rough to quote. */
  readonly short: boolean;
  /** Names of parts to which the chapter is restricted; empty: all. */
  readonly parts: readonly string[];
  /** Reports what is measured now. */
  readonly progress: (what: string) => void;
}

/** A part of the bench that can be measured alone. */
export interface Chapter {
  readonly name: string;
  /** For `--help`. */
  readonly measures: string;
  /** The page of `bench/results/` that shows it. */
  readonly page: 'bench' | 'sites' | 'trials';
  /** What can be named after the chapter on the command line. */
  readonly parts?: readonly string[];
  run(context: Context): Promise<Table[]>;
}

/** A table with these columns of the rows. */
export function tableOf(
  title: string,
  explanation: string,
  columns: readonly Column[],
  rows: readonly Row[],
): Table {
  return {
    title,
    explanation,
    columns,
    rows: rows.map(({ name, figures }) => ({
      name,
      figures: Object.fromEntries(columns.map(({ key }) => [key, figures[key] ?? null])),
    })),
  };
}
