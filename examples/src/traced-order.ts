/**
 * OpenTelemetry tells where the time of a request goes. Two orders want the last item of an
 * article. Each is a trace: how long it waited for the lock, what it did under it, and what became
 * of it. No collector is needed: the spans are printed as trees.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { context, metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { Redlock } from 'redlock-core';
import { instrumentRedlock } from 'redlock-opentelemetry';
import { openNodes } from './nodes.js';
import { MetricPrinter, SpanPrinter } from './telemetry-printers.js';

// In life, NodeSDK of @opentelemetry/sdk-node does all this, with exporters to a collector.
const measured = new MetricPrinter();
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SpanPrinter()] }));
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [measured] }));
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

// The group of `article:7` is `article`: metrics must not have as many series as there are articles.
instrumentRedlock({ group: (resource) => resource.split(':')[0] });

const tracer = trace.getTracer('shop');
let inStock = 1;

/** Handles one order; the server of the shop calls it. */
async function order(redlock: Redlock, customer: string): Promise<boolean> {
  return tracer.startActiveSpan(`order of ${customer}`, async (span) => {
    const isSold = await redlock.using('article:7', 10_000, async () => sell());
    span.setAttribute('shop.sold', isSold);
    span.end();
    return isSold;
  });
}

/** Its span is a child of the span of `using`, although this function knows of no lock. */
async function sell(): Promise<boolean> {
  return tracer.startActiveSpan('sell', async (span) => {
    const isSold = inStock > 0;
    if (isSold) {
      await sleep(300);
      inStock--;
    }
    span.end();
    return isSold;
  });
}

// In life these are processes, each with an instrumentation of its own.
await using server1 = new Redlock(openNodes());
await using server2 = new Redlock(openNodes());

const sold = await Promise.all([order(server1, 'ada'), order(server2, 'ben')]);
assert.equal(sold.filter(Boolean).length, 1);
console.log('one of two orders got the last item');

await measured.print();
