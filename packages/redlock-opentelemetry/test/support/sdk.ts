import * as ownApi from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  type DataPoint,
  type MetricData,
  MeterProvider,
  MetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';

class ManualReader extends MetricReader {
  protected override onForceFlush = (): Promise<void> => Promise.resolve();
  protected override onShutdown = (): Promise<void> => Promise.resolve();
}

/** Clocks are too coarse to tell which of two spans began first. */
class StartOrder implements SpanProcessor {
  readonly ids: string[] = [];
  onStart = (span: ReadableSpan): void => void this.ids.push(span.spanContext().spanId);
  onEnd = (): void => {};
  forceFlush = (): Promise<void> => Promise.resolve();
  shutdown = (): Promise<void> => Promise.resolve();
}

/** OpenTelemetry's SDK, which keeps in memory what it is told. */
export class Sdk implements Disposable {
  readonly tracer: ownApi.Tracer;
  readonly tracerProvider: ownApi.TracerProvider;
  readonly meterProvider: ownApi.MeterProvider;
  readonly #api: typeof ownApi;
  readonly #order = new StartOrder();
  readonly #exporter = new InMemorySpanExporter();
  readonly #reader = new ManualReader();

  /** @param api the version with which it is registered */
  constructor({ api = ownApi } = {}) {
    this.#api = api;
    const spanProcessors = [this.#order, new SimpleSpanProcessor(this.#exporter)];
    this.tracerProvider = new BasicTracerProvider({ spanProcessors });
    this.meterProvider = new MeterProvider({ readers: [this.#reader] });
    api.trace.setGlobalTracerProvider(this.tracerProvider);
    api.metrics.setGlobalMeterProvider(this.meterProvider);
    api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    this.tracer = api.trace.getTracer('test');
  }

  /** The spans that have ended, in the order in which they began. */
  get spans(): ReadableSpan[] {
    const place = (span: ReadableSpan): number =>
      this.#order.ids.indexOf(span.spanContext().spanId);
    return this.#exporter.getFinishedSpans().toSorted((a, b) => place(a) - place(b));
  }

  /** The only span with a name. */
  span(name: string): ReadableSpan {
    const [span, ...others] = this.spans.filter((one) => one.name === name);
    if (!span || others.length > 0) throw new Error(`${others.length + 1} or no spans ${name}`);
    return span;
  }

  /** The names of the spans above a span, the nearest first. */
  above(span: ReadableSpan): string[] {
    const parent = this.spans.find(
      (one) => one.spanContext().spanId === span.parentSpanContext?.spanId,
    );
    return parent ? [parent.name, ...this.above(parent)] : [];
  }

  /** The names of spans in the order in which they began, indented by depth. @param root only those below such spans */
  tree(root?: string): string[] {
    return this.spans.flatMap((span) => {
      const above = this.above(span);
      const depth = root === undefined ? above.length : above.indexOf(root);
      return depth < 0 ? [] : ['  '.repeat(depth) + span.name];
    });
  }

  /** Name and outcome of each lock span in the order in which they began, and whether the call failed. */
  get outcomes(): string[] {
    return this.spans.map(({ name, attributes, status }) => {
      const failed = status.code === ownApi.SpanStatusCode.ERROR ? ', failed' : '';
      return `${name}: ${String(attributes['redlock.outcome'])}${failed}`;
    });
  }

  /** Runs `act` in a span of its own. */
  within<T>(name: string, act: () => Promise<T>): Promise<T> {
    return this.tracer.startActiveSpan(name, async (span) => {
      try {
        return await act();
      } finally {
        span.end();
      }
    });
  }

  async metrics(): Promise<MetricData[]> {
    const { resourceMetrics } = await this.#reader.collect();
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  }

  /** The names and versions of what has measured something. */
  async scopes(): Promise<object[]> {
    const { resourceMetrics } = await this.#reader.collect();
    return resourceMetrics.scopeMetrics.map(({ scope }) => scope);
  }

  async metric(name: string): Promise<MetricData | undefined> {
    return (await this.metrics()).find(({ descriptor }) => descriptor.name === name);
  }

  /** The attributes and values of a metric; of a histogram, how many values there are. */
  async values(name: string): Promise<[attributes: object, value: number][]> {
    const points: DataPoint<number | { count: number }>[] =
      (await this.metric(name))?.dataPoints ?? [];
    return points.map(({ attributes, value }) => [
      attributes,
      typeof value === 'number' ? value : value.count,
    ]);
  }

  [Symbol.dispose](): void {
    this.#api.trace.disable();
    this.#api.metrics.disable();
    this.#api.context.disable();
  }
}
