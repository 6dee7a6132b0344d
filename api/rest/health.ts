import express, { type Router } from 'express';
import type { ApiPorts } from '../ports.ts';

/**
 * What `/readyz` says of each part. Without the store readings are still taken and kept in the journal: that is a delay, not unreadiness,
 * and sending the devices elsewhere would help nobody. It is told all the same.
 */
interface Check {
  readonly name: 'journal' | 'registry' | 'store' | HealthOptions['name'];
  readonly ok: boolean;
  readonly detail: string | null;
}

export interface HealthOptions extends Pick<ApiPorts, 'journal' | 'registry' | 'store' | 'metrics'> {
  /** Whose own readiness `isReady` is: the API's, or that of a process without one. */
  readonly name: 'api' | 'process';
  readonly isReady: () => boolean;
}

/** `/healthz` (the process lives), `/readyz` (it can do its work), `/metrics` (Prometheus text). */
export function healthRouter({ journal, registry, store, metrics, name, isReady }: HealthOptions): Router {
  const router = express.Router();

  const checks = async (): Promise<readonly Check[]> => {
    const status = journal.status();
    const [registryCheck, storeCheck] = await Promise.all([
      outcome('registry', async () => {
        await registry.identity.isEmpty();
        return { ok: true, detail: null };
      }),
      outcome('store', async () => {
        const { reachable, engine } = await store.status();
        return { ok: reachable, detail: engine };
      }),
    ]);
    return [
      { name, ok: isReady(), detail: null },
      { name: 'journal', ok: status.writable, detail: status.reason },
      registryCheck,
      storeCheck,
    ];
  };

  router.get('/healthz', (_request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    response.json({ status: 'ok' });
  });
  router.get('/readyz', async (_request, response) => {
    const results = await checks();
    const ready = results.every((check) => check.ok || check.name === 'store');
    response.setHeader('Cache-Control', 'no-store');
    response.status(ready ? 200 : 503).json({ ready, checks: results });
  });
  router.get('/metrics', async (_request, response) => {
    response.setHeader('Content-Type', metrics.contentType);
    response.setHeader('Cache-Control', 'no-store');
    response.send(await metrics.metrics());
  });
  return router;
}

async function outcome(
  name: Check['name'],
  look: () => Promise<{ readonly ok: boolean; readonly detail: string | null }>,
): Promise<Check> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    // The kind of failure, not its words: the page is open to whoever reaches the port.
    return { name, ok: false, detail: error instanceof Error ? error.name : 'Error' };
  }
}
