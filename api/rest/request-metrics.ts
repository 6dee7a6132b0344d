import type { RequestHandler } from 'express';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Durations by the route's template, never by the path asked for: labels stay few. */
export function requestMetrics(registry: Registry): { readonly measure: RequestHandler; inFlight(): number } {
  let inFlight = 0;
  const duration = new Histogram({
    name: 'hd_http_request_seconds',
    help: 'Duration of requests to the API',
    labelNames: ['route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  new Gauge({
    name: 'hd_http_requests_in_flight',
    help: 'Requests being answered',
    registers: [registry],
    collect() {
      this.set(inFlight);
    },
  });
  return {
    inFlight: () => inFlight,
    measure(_request, response, next) {
      inFlight++;
      const end = duration.startTimer();
      response.once('close', () => {
        inFlight--;
        const { route = 'other' } = response.locals as { route?: string };
        end({ route, status: String(response.statusCode) });
      });
      next();
    },
  };
}

/** A gauge or counter read when Prometheus asks. */
export function observed(
  registry: Registry,
  kind: 'gauge' | 'counter',
  name: string,
  help: string,
  read: () => number,
): void {
  if (kind === 'gauge') {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
    return;
  }
  let counted = 0;
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      const now = read();
      this.inc(now - counted);
      counted = now;
    },
  });
}
