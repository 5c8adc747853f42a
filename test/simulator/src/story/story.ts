import type { Report } from '../campaign/task.js';
import type { Lock } from '../core.js';
import type { Holding } from '../run/holding.js';
import type { World } from '../world/world.js';

const LABELS = 90;
const WIDTH = 1400;
const ROW = 22;
const TOP = 50;
const COLOURS = '#4e79a7 #f28e2b #59a14f #b07aa1 #edc948 #76b7b2 #9c755f #ff9da7'.split(' ');

export interface Line {
  readonly time: number;
  readonly who: string;
  readonly what: string;
}

/** From when to when something was as it was. */
export interface Span {
  readonly row: string;
  readonly label: string;
  readonly from: number;
  to: number;
}

/** What happened in a run, for people. */
export class Story {
  readonly lines: Line[] = [];
  readonly spans: Span[] = [];
  readonly #open = new Map<string, Span>();

  constructor(private readonly world: World) {}

  tell(who: string, what: string): void {
    this.lines.push({ time: this.world.now, who, what });
  }

  /** The key of a resource has another value on a node. */
  key(server: string, key: string, value: string | null): void {
    this.tell(server, value === null ? `${key} is free` : `${key} = ${value}`);
    this.span(`${server} ${key}`, value);
  }

  /** Those who share the key of a resource on a node. */
  sharers(server: string, key: string, members: readonly string[]): void {
    const row = `${server} ${key}`;
    const label = members.join(' ');
    if (label === '' || label === this.#open.get(row)?.label) return;
    this.key(server, key, label);
  }

  belief(holding: Holding): void {
    for (const resource of holding.lock.resources) {
      const row = `${holding.process.name} ${resource}`;
      const open = this.#open.get(row);
      if (holding.believed) this.span(row, holding.token);
      else if (open?.label === holding.token) this.span(row, null);
    }
  }

  /** A row shows something else from now on. */
  span(row: string, label: string | null): void {
    const open = this.#open.get(row);
    if ((open?.label ?? null) === label) return;
    const now = this.world.now;
    if (open) open.to = now;
    this.#open.delete(row);
    if (label === null) return;
    const span = { row, label, from: now, to: Infinity };
    this.spans.push(span);
    this.#open.set(row, span);
  }
}

/** A lock as stories name it. */
export function tellLock({ resources, token, fencingToken, mode }: Lock): string {
  return (
    `${resources.join('+')} as ${token}` +
    (mode === 'shared' ? ', shared' : '') +
    (fencingToken > 0 ? `, #${fencingToken}` : '')
  );
}

/** A run as text: what happened, line by line. */
export function tellStory({ seed, violation, plan, lines }: Report): string {
  const { fenced, ...rest } = plan;
  const told = lines.map(({ time, who, what }) => {
    return `${time.toFixed(3).padStart(12)}  ${who.padEnd(4)} ${what}`;
  });
  return [
    `seed ${seed}: ${JSON.stringify({ ...rest, fenced: [...fenced] })}`,
    ...told,
    violation
      ? `${violation.time.toFixed(3).padStart(12)}  VIOLATION of ${violation.oracle}: ${violation.what}`
      : 'No promise was broken.',
  ].join('\n');
}

/**
 * A run as a picture: a row for each key on each node and for what each process believes to hold, a
 * colour for each token, grey for pauses and crashes, red for the violation.
 */
export function drawStory({ seed, violation, lines, spans }: Report): string {
  const end = violation?.time ?? lines.at(-1)?.time ?? 1;
  const from = Math.max(0, end - shownMs(spans, end));
  const x = (time: number): number => {
    const part = (Math.min(Math.max(time, from), end) - from) / (end - from || 1);
    return LABELS + part * (WIDTH - LABELS - 10);
  };
  const rows = [...new Set(spans.map(({ row }) => row))].toSorted();
  const height = TOP + rows.length * ROW + 30;
  const tokens = [...new Set(spans.map(({ label }) => label))];
  const bars = spans
    .filter(({ to }) => to >= from)
    .map((span) => {
      const y = TOP + rows.indexOf(span.row) * ROW;
      const left = x(span.from);
      const width = Math.max(x(span.to) - left, 1);
      const colour = span.row.endsWith(' ')
        ? '#bbb'
        : COLOURS[tokens.indexOf(span.label) % COLOURS.length];
      const title = `${span.label}, ${span.from.toFixed(1)} to ${span.to.toFixed(1)} ms`;
      return (
        `<g><title>${escaped(title)}</title><rect x="${left.toFixed(1)}" y="${y}" ` +
        `width="${width.toFixed(1)}" height="${ROW - 4}" fill="${colour}"/>` +
        (width > 40
          ? `<text x="${(left + 3).toFixed(1)}" y="${y + 13}">${escaped(span.label)}</text>`
          : '') +
        '</g>'
      );
    });
  const names = rows.map(
    (row, index) => `<text x="4" y="${TOP + index * ROW + 13}">${escaped(row)}</text>`,
  );
  const title = violation ? `${violation.oracle}: ${violation.what}` : 'no promise was broken';
  const times = Array.from({ length: 8 }, (_, index) => {
    const time = from + ((end - from) * index) / 7;
    return (
      `<text x="${x(time).toFixed(1)}" y="${TOP - 8}" text-anchor="middle">` +
      `${time.toFixed(0)} ms</text>`
    );
  });
  const mark = violation
    ? [`<line x1="${x(end)}" x2="${x(end)}" y1="${TOP}" y2="${height - 20}" stroke="red"/>`]
    : [];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" ` +
      'font-family="sans-serif" font-size="11">',
    '<rect width="100%" height="100%" fill="white"/>',
    `<text x="4" y="18" font-size="14">${escaped(`seed ${seed}: ${title}`)}</text>`,
    ...times,
    ...names,
    ...bars,
    ...mark,
    '</svg>',
    '',
  ].join('\n');
}

/** What led to the end: as far back as the last dozens of changes. */
function shownMs(spans: readonly Span[], end: number): number {
  const first = spans.at(-60) ?? spans[0];
  return Math.max(end - (first?.from ?? 0), 1);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
