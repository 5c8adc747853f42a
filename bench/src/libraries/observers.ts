import { tracingChannel } from 'node:diagnostics_channel';
import { context, metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import type { LockTrace } from 'redlock-core';
import { instrumentRedlock } from 'redlock-opentelemetry';

/** Sends nothing: what a collector costs is not the cost of a lock. */
class NoExporter implements SpanExporter {
  export(_spans: unknown, done: (result: { code: number }) => void): void {
    done({ code: 0 });
  }

  async shutdown(): Promise<void> {}
}

/** Reads nothing by itself. */
class NoReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}

  protected override async onShutdown(): Promise<void> {}
}

// Once, and not for each turn: in a program, the code of the SDK has long been compiled. Without calls it does nothing.
trace.setGlobalTracerProvider(
  new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(new NoExporter())] }),
);
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [new NoReader()] }));
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

/**
 * Makes every span, and all metrics.
 * @returns what ends it
 */
export function instrumentAll(): () => void {
  return instrumentRedlock({ group: () => 'bench' }).dispose;
}

const NAMES = ['acquire', 'using', 'extend', 'release'];

/**
 * The least that a subscriber can do with every call.
 * @returns what ends it
 */
export function subscribePlainly(): () => void {
  let calls = 0;
  const listener = (message: unknown): void => {
    if ((message as LockTrace).outcome) calls++;
  };
  const ends = NAMES.map((name) => tracingChannel<unknown, LockTrace>(`redlock:${name}`).asyncEnd);
  for (const end of ends) end.subscribe(listener);
  return () => {
    for (const end of ends) end.unsubscribe(listener);
    if (calls === 0) throw new Error('The channels published nothing');
  };
}
