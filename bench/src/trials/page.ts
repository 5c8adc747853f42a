import { type Outcome, showOutcome, VERDICTS } from './outcome.js';
import type { Trial } from './trial.js';

const BEGIN = '<!-- written by pnpm comparison: begin -->';
const END = '<!-- written by pnpm comparison: end -->';

/** What the libraries did in a trial, in the order of the roster. */
export interface Row {
  readonly trial: Trial;
  readonly outcomes: readonly Outcome[];
}

/** The part of the page that the command writes: the table, what the words mean, what the trials do. */
export function chapter(stamp: string, libraries: readonly string[], rows: readonly Row[]): string {
  const header = ['trial', ...libraries];
  const table = [header, header.map(() => '-'), ...rows.map(cells)];
  const seen = new Set<string>(
    rows.flatMap(({ outcomes }) => outcomes.map(({ verdict }) => verdict)),
  );
  const words = Object.entries(VERDICTS).filter(([verdict]) => seen.has(verdict));
  return [
    stamp,
    table.map((line) => `| ${line.join(' | ')} |`).join('\n'),
    '### What the words mean',
    words.map(([verdict, meaning]) => `- **${verdict}**: ${meaning}.`).join('\n'),
    '### What each trial does',
    rows.map(({ trial }) => `- **${trial.name}**: ${trial.procedure}`).join('\n'),
  ].join('\n\n');
}

function cells({ trial, outcomes }: Row): string[] {
  return [trial.name, ...outcomes.map(showOutcome)];
}

/** The page with another chapter in the place of the one that it has. */
export function withChapter(page: string, text: string): string {
  const [before, rest = ''] = page.split(BEGIN);
  const [, after] = rest.split(END);
  if (before === undefined || after === undefined) {
    throw new Error(`The page has no place for the table, between ${BEGIN} and ${END}`);
  }
  return [before, BEGIN, '\n\n', text, '\n\n', END, after].join('');
}
