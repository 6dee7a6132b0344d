import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Route } from '../../api/contract/route.ts';
import { type ApiRoute, ROUTES } from '../../api/contract/routes.ts';
import type { ApiClient } from './api-client.ts';
import { type RunningApi, runApi } from './running-api.ts';

let running: RunningApi;
let admin: ApiClient;
beforeAll(async () => {
  running = await runApi();
  admin = await running.as('platform_admin');
});
afterAll(() => running.close());

const oddText = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    '0',
    '-1',
    '1e309',
    'NaN',
    'null',
    '2147483648',
    '9007199254740993',
    "' OR 1=1 --",
    '../..',
    '%',
    '\u0000',
    '💧',
    '__proto__',
    'constructor',
    '{}',
    '[]',
    '1,2,,3',
  ),
  fc.integer().map(String),
  fc.double().map(String),
);
const reads = (Object.keys(ROUTES) as ApiRoute[]).filter((key) => key.startsWith('GET '));
const writes = (Object.keys(ROUTES) as ApiRoute[]).filter((key) => ROUTES[key as ApiRoute] && 'body' in ROUTES[key]);

describe('whatever is sent', () => {
  it('as query and path, the answer is a proper one or a proper problem, never a surprise', async () => {
    const request = fc.constantFrom(...reads).chain((key) => {
      const route: Route = ROUTES[key];
      const names = Object.keys(route.query?.shape ?? {});
      const query =
        names.length === 0
          ? fc.constant({})
          : fc.dictionary(fc.constantFrom(...names, 'unknown'), oddText, { maxKeys: 5 });
      const params = fc.record(
        Object.fromEntries(
          Object.keys(route.params?.shape ?? {}).map((name) => [
            name,
            oddText.filter((text) => text !== '' && text !== '.' && text !== '..'),
          ]),
        ),
      );
      return fc.record({ key: fc.constant(key), query, params });
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ key, query, params }) => {
        const { status } = await admin.call(key, { query, params: params as Record<string, string> });
        expect(status, `${key} ${JSON.stringify({ query, params })}`).toBeLessThan(500);
      }),
      { numRuns: 600 },
    );
  });

  it('as body, the same', async () => {
    const withShape = (key: ApiRoute) => {
      const body = (ROUTES[key] as Route).body as unknown as { shape?: Record<string, unknown> };
      const names = Object.keys(body.shape ?? {});
      return fc.oneof(
        fc.jsonValue(),
        fc.dictionary(fc.constantFrom(...names, 'unknown', '__proto__'), fc.jsonValue({ maxDepth: 3 })),
      );
    };
    const request = fc
      .constantFrom(...writes.filter((key) => ROUTES[key].access !== 'anyone'))
      .chain((key) => fc.record({ key: fc.constant(key), body: withShape(key) }));
    await fc.assert(
      fc.asyncProperty(request, async ({ key, body }) => {
        const { status } = await admin.call(key, { rawBody: body, version: 1 });
        expect(status, `${key} ${JSON.stringify(body)}`).toBeLessThan(500);
      }),
      { numRuns: 600 },
    );
  });
});
