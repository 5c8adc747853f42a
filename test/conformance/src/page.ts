import { availableParallelism } from 'node:os';
import { OTHER_RUNTIMES } from './other-runtimes.js';
import type { Result } from './result.js';
import { topologies, type Topology } from './topology.js';

export interface Cell {
  readonly runtime: string;
  readonly adapter: string;
  readonly client: string;
  readonly topology: Topology;
  readonly result: Result;
}

/**
 * docs/compatibility.md
 * @param runtimes one for each column
 */
export function page(cells: readonly Cell[], runtimes: readonly string[], server: string): string {
  const rows = groupBy(cells.toSorted(inOrder), ({ client, topology }) => `${client} ${topology}`);
  const table = [...rows.values()].map((row) => {
    const [first] = row;
    const results = runtimes.map((name) =>
      mark(row.find(({ runtime }) => runtime === name)?.result),
    );
    return [first?.adapter, first?.client, first?.topology, ...results].join(' | ');
  });
  const date = new Date().toISOString().slice(0, 10);
  return `# Compatibility

Each cell is a run of the [conformance suite](adapters.md#the-conformance-suite): cases passed/run. [Left out](#left-out)
are cases that the client or topology cannot support. Made by \`pnpm compatibility\` on ${date}, on a machine with
${availableParallelism()} cores, against ${server}, with the packages as they would be published. Nothing else was run.

| adapter | client | topology | ${runtimes.join(' | ')} |
| --- | --- | --- | ${runtimes.map(() => '---').join(' | ')} |
${table.map((row) => `| ${row} |`).join('\n')}

## Failed

${listOf(cells, ({ runtime, client, topology, result }) =>
  result.failed.map((what) => ({ what, where: `${client} ${topology} on ${runtime}` })),
)}

## Left out

${listOf(cells, ({ client, topology, result }) =>
  result.skipped.map((what) => ({ what, where: `${client} ${topology}` })),
)}

${OTHER_RUNTIMES}`;
}

function mark(result: Result | undefined): string {
  if (!result) return 'not run';
  const { passed, failed } = result;
  return `${passed}/${passed + failed.length}`;
}

interface Entry {
  readonly what: string;
  readonly where: string;
}

function listOf(cells: readonly Cell[], entriesOf: (cell: Cell) => readonly Entry[]): string {
  const entries = cells.toSorted(inOrder).flatMap(entriesOf);
  const lines = [...groupBy(entries, ({ what }) => what)].map(
    ([what, places]) => `- ${what}: ${[...new Set(places.map(({ where }) => where))].join(', ')}`,
  );
  return lines.join('\n') || 'None.';
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}

function inOrder(one: Cell, other: Cell): number {
  return rowOf(one).localeCompare(rowOf(other));
}

function rowOf({ adapter, client, topology }: Cell): string {
  return [adapter, client, topologies.indexOf(topology)].join(' ');
}
