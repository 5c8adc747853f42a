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
  exported = 0;

  export(spans: readonly unknown[], done: Parameters<SpanExporter['export']>[1]): void {
    this.exported += spans.length;
    done({ code: 0 as never });
  }

  async shutdown(): Promise<void> {}
}

/** Reads only when it is told to. */
class NoReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}

  protected override async onShutdown(): Promise<void> {}
}

/**
 * Makes every span, and all metrics.
 * @returns what ends it, and leaves the process as if nothing had been there
 */
export function instrumentAll(): () => void {
  const provider = new BasicTracerProvider({
    spanProcessors: [new BatchSpanProcessor(new NoExporter())],
  });
  trace.setGlobalTracerProvider(provider);
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [new NoReader()] }));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const instrumentation = instrumentRedlock({ group: () => 'bench' });
  return () => {
    instrumentation.dispose();
    void provider.shutdown();
    trace.disable();
    metrics.disable();
    context.disable();
  };
}
