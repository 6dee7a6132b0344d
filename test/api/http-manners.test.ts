import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { get as httpGet } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteId } from '../../domain/identifiers.ts';
import type { ApiClient } from './api-client.ts';
import { ENVIRONMENT, type RunningApi, runApi } from './running-api.ts';

let running: RunningApi;
let installer: ApiClient;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hd-static-'));
  const dist = join(folder, 'dist');
  await mkdir(join(dist, 'assets'), { recursive: true });
  await mkdir(join(dist, 'basemap'), { recursive: true });
  await writeFile(join(dist, 'index.html'), '<!doctype html><title>Hải Đăng</title>');
  await writeFile(join(dist, 'assets', 'app-1a2b.js'), 'plain');
  await writeFile(join(dist, 'assets', 'app-1a2b.js.br'), brotliCompressSync('compressed'));
  await writeFile(join(dist, 'basemap', 'sea.geojson'), '{}');
  await writeFile(join(dist, '.secret'), 'secret');
  await mkdir(join(folder, 'dist-private'));
  await writeFile(join(folder, 'dist-private', 'key.js'), 'private');
  await writeFile(join(folder, 'dist-private', 'key.js.br'), brotliCompressSync('private'));
  running = await runApi({
    limits: { bodyBytes: 2_000, idempotencyKeys: 3 },
    settings: {
      staticFolders: [{ path: '/', folder: dist, singlePage: true, immutable: ['assets'] }],
      mapOrigins: ['https://tiles.example'],
    },
  });
  installer = await running.as('installer');
});
afterAll(() => running.close());

const siteBody = (id: string) => ({
  id: id as SiteId,
  agencyId: ENVIRONMENT,
  kind: 'air_station' as const,
  domain: 'environment' as const,
  name: { vi: 'Mới', en: 'New' },
  location: { longitude: 106.7, latitude: 20.8 },
  wardCode: null,
  parentId: null,
  tags: [],
});
const editOf = (id: string) => {
  const { id: _, agencyId: __, ...fields } = siteBody(id);
  return fields;
};

describe('an edit', () => {
  it('carries the version it was based on: missing is refused, stale is refused, right makes the next', async () => {
    const params = { siteId: 's-le-chan' };
    const got = await installer.call('GET /sites/{siteId}', { params });
    expect(got.headers.get('etag')).toMatch(/^"1\.[\w-]{11}"$/);
    const body = editOf('s-le-chan');
    expect(await installer.call('PUT /sites/{siteId}', { params, body })).toMatchObject({
      status: 428,
      code: 'VERSION_REQUIRED',
    });
    const put = await installer.call('PUT /sites/{siteId}', { params, body, version: 1 });
    const second = put.headers.get('etag') ?? '';
    expect(second).toMatch(/^"2\.[\w-]{11}"$/);
    expect(await installer.call('PUT /sites/{siteId}', { params, body, version: 1 })).toMatchObject({
      status: 412,
      code: 'VERSION_STALE',
    });
    const garbled = await installer.call('PUT /sites/{siteId}', { params, body, headers: { 'if-match': 'x' } });
    expect(garbled.status).toBe(412);
    const asGiven = await installer.call('PUT /sites/{siteId}', { params, body, headers: { 'if-match': second } });
    expect(asGiven.status).toBe(200);
  });

  it('can’t close a ring of sites', async () => {
    const under = { ...siteBody('s-under'), parentId: 's-do-son' as SiteId };
    expect((await installer.call('POST /sites', { body: under })).status).toBe(201);
    const ring = await installer.call('PUT /sites/{siteId}', {
      params: { siteId: 's-do-son' },
      version: 1,
      body: { ...editOf('s-do-son'), parentId: 's-under' as SiteId },
    });
    expect(ring.code).toBe('INVALID_STATE');
  });
});

describe('a request sent twice with one Idempotency-Key', () => {
  it('is done once and answered the same', async () => {
    const headers = { 'idempotency-key': 'phone-1' };
    const params = { deviceId: 'air-le-chan' };
    const send = () => installer.call('POST /devices/{deviceId}/credentials', { params, body: {}, headers });
    const [first, second] = [await send(), await send()];
    expect(second.text).toBe(first.text);
    const other = await installer.call('POST /devices/{deviceId}/credentials', {
      params,
      body: { expiresAt: null },
      headers,
    });
    expect(other).toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('is another’s own business: keys of two people never meet', async () => {
    const admin = await running.as('agency_admin');
    const headers = { 'idempotency-key': 'same' };
    const one = await installer.call('POST /sites', { body: siteBody('s-idem'), headers });
    const two = await admin.call('POST /sites', { body: siteBody('s-idem'), headers });
    expect([one.status, two.code]).toEqual([201, 'ALREADY_EXISTS']);
  });
});

describe('what can’t be understood', () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${running.url}/api/v1/sites`, {
      method: 'POST',
      headers: {
        cookie: installer.cookie ?? '',
        'x-csrf-token': installer.csrfToken ?? '',
        'content-type': 'application/json',
        ...headers,
      },
      body,
    }).then(async (response) => ({ status: response.status, ...((await response.json()) as { code: string }) }));

  it.each([
    ['broken JSON', '{"a":', {}, 400, 'JSON_MALFORMED'],
    ['JSON that is no object', '"text"', {}, 400, 'JSON_MALFORMED'],
    ['another type', '<a/>', { 'content-type': 'text/xml' }, 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['a strange charset', '{}', { 'content-type': 'application/json; charset=klingon' }, 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['compressed nonsense', 'xx', { 'content-encoding': 'gzip' }, 400, 'JSON_MALFORMED'],
    ['too much', JSON.stringify({ a: 'x'.repeat(3_000) }), {}, 413, 'BODY_TOO_LARGE'],
  ])('is refused by its own code: %s', async (_, body, headers, status, code) => {
    expect(await post(body, headers)).toMatchObject({ status, code });
  });

  it('is answered in the caller’s language, naming each wrong part', async () => {
    const call = (language: string) =>
      installer.call('POST /sites', {
        rawBody: { ...siteBody('s'), domain: 'sea', surplus: 1 },
        headers: { 'accept-language': language },
      });
    const vi = (await call('vi-VN,vi;q=0.9')).body as unknown as {
      title: string;
      errors: { path: string; message: string }[];
    };
    const en = (await call('en-GB')).body as unknown as typeof vi;
    expect(vi.title).toBe('Dữ liệu gửi lên không hợp lệ');
    expect(en.title).toBe('The input is not valid');
    expect(vi.errors.map(({ path }) => path)).toEqual(['domain', '']);
    expect(vi.errors[0]?.message).not.toBe(en.errors[0]?.message);
    const unknown = (await call('fr')).body as unknown as typeof vi;
    expect(unknown.title).toBe(vi.title);
  });

  it('says which methods there are', async () => {
    const response = await fetch(`${running.url}/api/v1/sites/x`, { method: 'PATCH' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD, PUT');
    expect((await fetch(`${running.url}/api/v1/nothing/here`)).status).toBe(404);
    expect((await fetch(`${running.url}/api/v1/points/%E0%A4%A`)).status).toBe(404);
  });
});

describe('large and repeated answers', () => {
  it('are compressed for those who can read it, and not sent again unchanged', async () => {
    const get = (headers: Record<string, string>) =>
      fetch(`${running.url}/api/v1/quantities`, { headers: { cookie: installer.cookie ?? '', ...headers } });
    const whole = await get({ 'accept-encoding': 'gzip' });
    expect(whole.headers.get('content-encoding')).toBe('gzip');
    expect(whole.headers.get('vary')).toMatch(/Accept-Encoding/i);
    expect((await whole.json()).items.length).toBeGreaterThan(20);
    // Not by fetch: Node's asks with `Cache-Control: no-cache`, which rightly gets the whole answer.
    const status = await new Promise((resolve, reject) => {
      const headers = {
        cookie: installer.cookie ?? '',
        'accept-encoding': 'gzip',
        'if-none-match': whole.headers.get('etag') ?? '',
      };
      httpGet(`${running.url}/api/v1/quantities`, { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject);
    });
    expect(status).toBe(304);
  });
});

describe('a query', () => {
  it('that would give too much is refused, with the numbers', async () => {
    const series = await running.series('p-le-chan', 'pm2_5');
    const query = { series, from: 0, to: 1_800_000_000_000, step: 'PT1S' };
    const refused = await installer.call('GET /readings/windows', { query });
    expect(refused).toMatchObject({ status: 422, code: 'QUERY_TOO_LARGE' });
    expect(refused.body).toMatchObject({ params: { asked: 1_800_000_000, limit: 500_000 } });
  });

  it.each(['0', '999', 'P1M', 'PT', 'P', '1h', '-PT1S', 'P400D', 'PT0.5S'])('refuses the step %s', async (step) => {
    const query = { quantity: 'pm2_5', from: 0, to: 10, step };
    expect((await installer.call('GET /readings/windows', { query })).code).toBe('INPUT_INVALID');
  });
});

describe('files of the dashboard', () => {
  const get = (path: string, headers: Record<string, string> = {}) => fetch(`${running.url}${path}`, { headers });

  it('come as they were compressed at build time, and are kept for a year when their name holds their hash', async () => {
    const file = await get('/assets/app-1a2b.js', { 'accept-encoding': 'br' });
    expect(file.headers.get('content-encoding')).toBe('br');
    expect(file.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(await file.text()).toBe('compressed');
    const plain = await get('/assets/app-1a2b.js', { 'accept-encoding': 'identity' });
    expect(await plain.text()).toBe('plain');
    expect(plain.headers.get('vary')).toMatch(/Accept-Encoding/i);
  });

  it('open the dashboard at its own addresses, but not for files that aren’t there', async () => {
    const page = await get('/alarms/r-pm:1:2', { accept: 'text/html' });
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect((await get('/', { accept: 'text/html' })).status).toBe(200);
    expect((await get('/assets/gone.js', { accept: 'text/html' })).status).toBe(404);
    expect((await get('/api/nothing', { accept: 'text/html' })).status).toBe(404);
    expect((await get('/basemap/sea.geojson')).headers.get('content-type')).toContain('application/geo+json');
  });

  it.each([
    '/.secret',
    '/..%2fdist-private%2fkey.js',
    '/%2e%2e/dist-private/key.js',
    '/..%5cdist-private%5ckey.js',
    '/x%00.js',
  ])('never leave their folder: %s', async (path) => {
    const response = await get(path, { 'accept-encoding': 'br' });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await response.text()).not.toMatch(/^(private|secret)$/);
  });

  it('may load what the map was configured to load', async () => {
    const policy = (await get('/')).headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/connect-src [^;]*https:\/\/tiles\.example/);
  });
});

describe('for machines that watch', () => {
  it('says that it lives, whether it is ready, and its numbers', async () => {
    expect((await fetch(`${running.url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${running.url}/readyz`);
    expect(await ready.json()).toMatchObject({
      ready: true,
      checks: [
        { name: 'api' },
        { name: 'journal', ok: true },
        { name: 'registry', ok: true },
        { name: 'store', ok: true },
      ],
    });
    await installer.call('GET /quantities');
    const text = await (await fetch(`${running.url}/metrics`)).text();
    expect(text).toMatch(/hd_http_request_seconds_count\{route="GET \/quantities",status="200"\} \d+/);
    expect(text).toContain('hd_live_clients 0');
  });
});
