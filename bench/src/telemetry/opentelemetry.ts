import { context, metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import { instrumentRedlock } from 'redlock-opentelemetry';

/** Sends nothing: what a collector costs is not the cost of a lock. */
class NoExporter implements SpanExporter {
  export(_spans: unknown, done: (result: { code: number }) => void): void {
    done({ code: 0 });
  }

  async shutdown(): Promise<void> {}
}

/** Reads only when it is told to. */
class NoReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}

  protected override async onShutdown(): Promise<void> {}
}

// Once, and not for each turn: in a program, the code of the SDK has long been compiled. It does nothing while nobody
// calls it.
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
