import { showNumber, type Spread } from './figure.js';

export interface Bar {
  readonly name: string;
  readonly spread: Spread;
}

interface Series {
  readonly label: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 760;
const LEFT = 200;
const RIGHT = 90;
const TOP = 64;
const BAR = 13;
const GROUP_GAP = 12;

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .small { font-size: 11px; }
  .s0 { fill: #0a7ea4; } .s1 { fill: #e08a1e; }
  .whisker { stroke: #1f2328; stroke-width: 1; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .s0 { fill: #3fb6dc; } .s1 { fill: #f0a94a; }
    .whisker { stroke: #e6edf3; }
  }`;

/** Horizontal bars: for each subject one of each series, with a line from its least to its most. */
export function barChart(title: string, series: readonly Series[]): string {
  const names = series[0]?.bars.map(({ name }) => name) ?? [];
  const most = Math.max(...series.flatMap(({ bars }) => bars.map(({ spread }) => spread.max)));
  const x = (value: number): string => (LEFT + (value / most) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const group = series.length * BAR + GROUP_GAP;
  const height = TOP + names.length * group;
  const labels = names.map((name, index) => {
    const y = TOP + index * group + (series.length * BAR) / 2 + 4;
    return `<text x="${LEFT - 10}" y="${y}" text-anchor="end">${escapeXml(name)}</text>`;
  });
  const bars = series.flatMap((one, place) =>
    one.bars.map(({ spread }, index) => drawBar(spread, place, TOP + index * group, x)),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${STYLE}\n</style>`,
    `<text class="title" x="10" y="22">${escapeXml(title)}</text>`,
    ...series.map(
      ({ label }, place) =>
        `<rect class="s${place}" x="${LEFT + place * 150}" y="38" width="12" height="12"/>` +
        `<text x="${LEFT + 18 + place * 150}" y="49">${escapeXml(label)}</text>`,
    ),
    ...labels,
    ...bars,
    '</svg>\n',
  ].join('\n');
}

function drawBar(
  { median, min, max }: Spread,
  place: number,
  groupTop: number,
  x: (value: number) => string,
): string {
  const top = groupTop + place * BAR;
  const middle = top + BAR / 2 - 0.5;
  const width = (Number(x(median)) - LEFT).toFixed(1);
  return (
    `<rect class="s${place}" x="${LEFT}" y="${top}" width="${width}" height="${BAR - 1}"/>` +
    `<line class="whisker" x1="${x(min)}" y1="${middle}" x2="${x(max)}" y2="${middle}"/>` +
    `<text class="small" x="${Number(x(max)) + 6}" y="${top + BAR - 3}">${showNumber(median, 0)}</text>`
  );
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
