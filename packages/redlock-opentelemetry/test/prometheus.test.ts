import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { instrumentRedlock } from '../src/index.js';
import { memoryRedlock } from './support/memory-redlock.js';

const TTL = 60_000;

/** What Prometheus gets from all metrics: the names of series, and the names of labels. */
const known = { series: new Set<string>(), labels: new Set(['job', 'le']) };

beforeAll(async () => {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [exporter] }));
  const instrumentation = instrumentRedlock({ group: () => 'all' });
  const { redlock, nodes } = memoryRedlock();
  await redlock.using('r', TTL, (_signal, lock) => lock.extend());
  const lost = await redlock.acquire('r', TTL);
  for (const node of nodes) node.clear();
  await rejectionOf(lost.extend());
  nodes[0]?.fail();
  await (await redlock.acquire('r', TTL)).release();
  const { resourceMetrics } = await exporter.collect();
  metrics.disable();
  instrumentation.dispose();
  const text = new PrometheusSerializer().serialize(resourceMetrics);
  const inSeconds = [...text.matchAll(/^# UNIT (\w+) s$/gm)].map(([, name = '']) => name);
  for (const [, name = '', labels = ''] of text.matchAll(/^(redlock_\w+)\{(.*)\}/gm)) {
    // This exporter leaves the unit out, which Prometheus and the Collector put in.
    const base = inSeconds.find((one) => name.startsWith(one));
    known.series.add(base ? name.replace(base, `${base}_seconds`) : name);
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.labels.add(label);
  }
});

function textOf(file: string): Promise<string> {
  return readFile(fileURLToPath(new URL(`../../../docs/${file}`, import.meta.url)), 'utf8');
}

/** Expects that a query asks only for series and labels that there are. */
function expectKnown(query: string): void {
  const labelled = /\{[^}]*\}|by \([^)]*\)|, \w+\)$/g;
  const series = query.replace(labelled, ' ').match(/redlock_\w+/g) ?? [];
  const labels = (query.match(labelled) ?? []).flatMap((part) =>
    part.startsWith('{')
      ? (part.match(/\w+(?=[!=]~?)/g) ?? [])
      : (part.slice(2).match(/\w+/g) ?? []),
  );
  expect(series).not.toEqual([]);
  for (const name of series) expect([name, known.series.has(name)]).toEqual([name, true]);
  for (const name of labels) expect([name, known.labels.has(name)]).toEqual([name, true]);
}

interface Dashboard {
  readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
  readonly templating: { readonly list: readonly { readonly definition?: string }[] };
}

describe('the dashboard', () => {
  test('asks for metrics that there are', async () => {
    const { panels, templating } = JSON.parse(await textOf('grafana-dashboard.json')) as Dashboard;
    const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    expect(queries.length).toBeGreaterThan(9);
    for (const query of queries) expectKnown(query);
    for (const { definition } of templating.list) if (definition) expectKnown(definition);
  });

  test('shows every metric', async () => {
    const text = await textOf('grafana-dashboard.json');
    const metricNames = [...known.series].map((name) => name.replace(/_(bucket|sum|count)$/, ''));
    for (const name of metricNames) expect(text).toContain(name);
  });
});

test('the alerts ask for metrics that there are', async () => {
  const [, rules = ''] = /```yaml\n(groups:[^]*?)```/.exec(await textOf('observability.md')) ?? [];
  const alerts = rules.split('- alert:').slice(1);
  expect(alerts).toHaveLength(5);
  for (const alert of alerts) expectKnown(/expr:([^]*?)(?=for:|labels:)/.exec(alert)?.[1] ?? '');
});
