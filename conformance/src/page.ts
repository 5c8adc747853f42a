import { availableParallelism } from 'node:os';
import type { Result } from './result.js';
import { topologies, type Topology } from './topology.js';

export interface Cell {
  readonly node: string;
  readonly adapter: string;
  readonly client: string;
  readonly topology: Topology;
  readonly result: Result;
}

/**
 * docs/compatibility.md
 * @param nodes versions, one for each column
 */
export function page(cells: readonly Cell[], nodes: readonly string[], server: string): string {
  const rows = groupBy(cells.toSorted(inOrder), ({ client, topology }) => `${client} ${topology}`);
  const table = [...rows.values()].map((row) => {
    const [first] = row;
    const results = nodes.map((node) => mark(row.find((cell) => cell.node === node)?.result));
    return [first?.adapter, first?.client, first?.topology, ...results].join(' | ');
  });
  const date = new Date().toISOString().slice(0, 10);
  return `# Compatibility

Each cell is a run of the [conformance suite](adapters.md): cases passed / run, and how many were left out
because client or topology cannot do what they need. Made by \`pnpm compatibility\` on ${date}, on a machine
with ${availableParallelism()} cores, against ${server}. Nothing
else was run.

| adapter | client | topology | ${nodes.map((node) => `Node ${node}`).join(' | ')} |
| --- | --- | --- | ${nodes.map(() => '---').join(' | ')} |
${table.map((row) => `| ${row} |`).join('\n')}

## Left out

${leftOut(cells.toSorted(inOrder))}
`;
}

function mark(result: Result | undefined): string {
  if (!result) return 'not run';
  const { passed, skipped, failed } = result;
  const left = skipped.length > 0 ? `, ${skipped.length} left out` : '';
  return `${passed} / ${passed + failed.length}${left}`;
}

function leftOut(cells: readonly Cell[]): string {
  const reasons = cells.flatMap(({ client, topology, result }) =>
    result.skipped.map((why) => ({ why, where: `${client} ${topology}` })),
  );
  return [...groupBy(reasons, ({ why }) => why)]
    .map(
      ([why, places]) => `- ${why}: ${[...new Set(places.map(({ where }) => where))].join(', ')}`,
    )
    .join('\n');
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
