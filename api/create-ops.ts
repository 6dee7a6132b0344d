import express, { type RequestHandler } from 'express';
import { type HealthOptions, healthRouter } from './rest/health.ts';
import { routeUpgrades, type SharedServer } from './shared-server.ts';

export interface OpsOptions extends Omit<HealthOptions, 'name'> {
  /** Routers of others, e.g. ingest by HTTP. */
  readonly mounts: readonly RequestHandler[];
}

/** What a process without the API answers by HTTP: how it is, and what others have put there. */
export function createOps({ mounts, ...health }: OpsOptions) {
  const app = express();
  app.disable('x-powered-by');
  app.use(healthRouter({ ...health, name: 'process' }));
  for (const mounted of mounts) app.use(mounted);
  app.use((_request, response) => {
    response
      .status(404)
      .type('application/problem+json')
      .send(JSON.stringify({ status: 404, code: 'NOT_FOUND' }));
  });
  return {
    requestListener: app,
    attach: (server: Parameters<typeof routeUpgrades>[0], shared?: SharedServer) => routeUpgrades(server, shared),
  };
}
