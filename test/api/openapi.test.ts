import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiRoute, ROUTES } from '../../api/contract/routes.ts';
import { type RunningApi, runApi } from './running-api.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly security: readonly unknown[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: unknown }[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}
interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

let running: RunningApi;
let document: OpenApi;
beforeAll(async () => {
  running = await runApi();
  document = (await (await fetch(`${running.url}/api/v1/openapi.json`)).json()) as OpenApi;
});
afterAll(() => running.close());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ key: `${method.toUpperCase()} ${path}`, path, operation })),
  );

/** Every value below, with the way to it. */
function* everyValue(value: unknown, way: string): Generator<[string, unknown]> {
  yield [way, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* everyValue(inner, `${way}/${key}`);
}

describe('the OpenAPI document', () => {
  it('is of version 3.1 and describes every route, and nothing that isn’t one', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(
      operations()
        .map(({ key }) => key)
        .sort(),
    ).toEqual(Object.keys(ROUTES).sort());
  });

  it('has no reference that leads nowhere', () => {
    const references = [...everyValue(document, '')]
      .filter(([way]) => way.endsWith('/$ref'))
      .map(([, target]) => String(target));
    expect(references.length).toBeGreaterThan(100);
    for (const reference of new Set(references)) {
      const name = reference.replace('#/components/schemas/', '');
      expect(document.components.schemas, reference).toHaveProperty([name]);
    }
  });

  it('has no schema that says nothing, but where anything may stand', () => {
    const empty = [...everyValue(document, '')]
      .filter(
        ([way, value]) =>
          /\/(schema|items|[^/]+)$/.test(way) &&
          typeof value === 'object' &&
          value !== null &&
          !Array.isArray(value) &&
          Object.keys(value).length === 0,
      )
      .map(([way]) => way)
      .filter((way) => !way.includes('/security/'));
    // What was before and after an edit is as the edited thing is; a draft is kept as it was written, right or wrong.
    const anything = /(AuditRow|FieldChange)\/properties\/(before|after)$|\/properties\/content\/additionalProperties$/;
    expect(empty.filter((way) => !anything.test(way))).toEqual([]);
  });

  it('names each operation once, every part of its path, what it answers and what can go wrong', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { key, path, operation } of operations()) {
      const inPath = (operation.parameters ?? []).filter((one) => one.in === 'path').map(({ name }) => name);
      expect(inPath.sort(), key).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort());
      const route = ROUTES[key as ApiRoute];
      expect(Object.keys(operation.responses).sort(), key).toEqual([String(route.status), 'default']);
      expect(operation.responses['default']?.content, key).toHaveProperty(['application/problem+json']);
      expect(operation.requestBody !== undefined, key).toBe('body' in route || 'upload' in route);
      expect(operation.security.length === 0, key).toBe(route.access === 'anyone');
      expect(
        (operation.parameters ?? []).some(({ name }) => name === 'If-Match'),
        key,
      ).toBe('ifMatch' in route);
    }
  });

  it('speaks both languages', async () => {
    const vi = await (
      await fetch(`${running.url}/api/v1/openapi.json`, { headers: { 'accept-language': 'vi' } })
    ).json();
    expect((vi as OpenApi).paths['/alarms']?.['get']?.summary).toMatch(/Cảnh báo/);
  });
});

describe('the documentation page', () => {
  it.each([
    ['vi', 'Hải Đăng: tài liệu API'],
    ['en', 'Hải Đăng: API documentation'],
  ])('is whole in %s, without scripts and without anything from elsewhere', async (language, title) => {
    const html = await (await fetch(`${running.url}/api/docs?lang=${language}`)).text();
    expect(html).toContain(`<html lang="${language}">`);
    expect(html).toContain(`<h1>${title}</h1>`);
    expect(html).not.toMatch(/<script|https?:\/\/|undefined/);
    for (const key of Object.keys(ROUTES)) expect(html).toContain(key.split(' ')[1]);
    const anchors = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    for (const id of new Set(anchors)) expect(html, id).toContain(`id="${id}"`);
    expect((await fetch(`${running.url}/api/docs.css`)).headers.get('content-type')).toContain('text/css');
  });
});
