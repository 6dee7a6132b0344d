import { createHash } from 'node:crypto';
import type { TracedSpan, Tracing } from '../../domain/ports/tracing.ts';

export interface OtlpTracingOptions {
  /** Of the collector, without `/v1/traces`: `http://collector:4318`. */
  readonly url: string;
  /** Share of batches that are traced, 0 < share ≤ 1. */
  readonly share: number;
  readonly version: string;
}

/** A trace's name among collectors: 32 hexadecimal digits. */
export function otlpTraceId(traceId: string): string {
  const digits = traceId.replaceAll('-', '').toLowerCase();
  return /^(?!0{32})[0-9a-f]{32}$/.test(digits)
    ? digits
    : createHash('sha256').update(traceId).digest('hex').slice(0, 32);
}
/** Of the span that all others of the trace are children of: whoever knows the trace knows it. */
const rootSpanId = (otlpId: string): string => {
  const id = otlpId.slice(16);
  return id === '0'.repeat(16) ? '0000000000000001' : id;
};

/** Time as the library takes it: seconds and nanoseconds. */
const timeOf = (epochMs: number): [number, number] => {
  const seconds = Math.floor(epochMs / 1_000);
  return [seconds, Math.round((epochMs - seconds * 1_000) * 1e6)];
};

/**
 * Sends spans to a collector by OTLP over HTTP, in batches. The library is loaded here and not before: without an endpoint it costs nothing. A collector that is away loses
 * spans, never readings; the queue is bounded.
 */
export async function openOtlpTracing({
  url,
  share,
  version,
}: OtlpTracingOptions): Promise<Tracing & { close(): Promise<void> }> {
  const [api, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const random = new sdk.RandomIdGenerator();
  // Spans are reported when they are over, one after the other: what the next is to be called is known when it is made.
  let root: string | null = null;
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'hai-dang', 'service.version': version }),
    sampler: new sdk.AlwaysOnSampler(),
    idGenerator: {
      generateTraceId: () => root ?? random.generateTraceId(),
      generateSpanId: () => (root === null ? random.generateSpanId() : rootSpanId(root)),
    },
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url: `${url.replace(/\/+$/, '')}/v1/traces`, timeoutMillis: 10_000 }),
        scheduledDelayMillis: 1_000,
      }),
    ],
  });
  const tracer = provider.getTracer('hai-dang', version);
  const limit = share * 2 ** 32;

  return {
    isSampled: (traceId) => Number.parseInt(otlpTraceId(traceId).slice(0, 8), 16) < limit,
    ended({ traceId, stage, startedAt, endedAt, attributes = {} }: TracedSpan) {
      const id = otlpTraceId(traceId);
      const isRoot = stage === 'gateway';
      root = isRoot ? id : null;
      const context = isRoot
        ? api.ROOT_CONTEXT
        : api.trace.setSpanContext(api.ROOT_CONTEXT, {
            traceId: id,
            spanId: rootSpanId(id),
            traceFlags: api.TraceFlags.SAMPLED,
            isRemote: true,
          });
      const kind = isRoot ? api.SpanKind.SERVER : api.SpanKind.INTERNAL;
      const startTime = timeOf(startedAt);
      tracer
        .startSpan(stage, { kind, startTime, attributes: { ...attributes, 'hd.trace': traceId } }, context)
        .end(timeOf(Math.max(startedAt, endedAt)));
      root = null;
    },
    async close() {
      await provider.shutdown().catch(() => {});
    },
  };
}
