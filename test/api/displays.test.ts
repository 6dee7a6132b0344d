import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ApiRoute, ROUTES } from '../../api/contract/routes.ts';
import { READABLE_BY_DISPLAYS } from '../../api/contract/routes-displays.ts';
import { minutes } from '../../domain/time.ts';
import type { ApiClient } from './api-client.ts';
import { ENVIRONMENT, POWER, type RunningApi, runApi } from './running-api.ts';

const SCREEN = { headers: { 'x-display': 'build-1' } };
let folder: string;
let running: RunningApi;
let admin: ApiClient;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hd-page-'));
  page('build-1');
  running = await runApi({
    limits: { displayCodeTries: 50 },
    settings: { staticFolders: [{ path: '/', folder, singlePage: true }] },
  });
  admin = await running.as('agency_admin');
});
afterAll(async () => {
  await running.close();
  rmSync(folder, { recursive: true, force: true });
});

function page(build: string): void {
  writeFileSync(join(folder, 'index.html'), `<html><head><meta name="hd-build" content="${build}" /></head></html>`);
}
const WHAT = {
  name: 'Phòng trực',
  agencies: [ENVIRONMENT],
  language: 'vi' as const,
  theme: 'dark' as const,
  views: [{ kind: 'alarms' as const, seconds: 20 }],
};
const make = async (client = admin, more: object = {}) =>
  client.call('POST /displays', { body: { agencyId: ENVIRONMENT, ...WHAT, ...more } });
/** A screen that took up its login. */
const aWall = async () => {
  const { body } = await make();
  const wall = running.anonymous();
  await wall.call('POST /display', { body: { code: body.code } });
  return { wall, id: body.display.id, params: { displayId: body.display.id }, code: body.code };
};

describe('a wall screen', () => {
  it('takes up its login by a code that works once, however it is typed, and for half an hour', async () => {
    const { body } = await make();
    expect(body.code).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(body.link).toBe(`${running.url}/wall#${body.code}`);
    const wall = running.anonymous();
    const typed = body.code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o');
    const first = await wall.call('POST /display', { body: { code: typed } });
    expect(first).toMatchObject({ status: 200, body: { name: 'Phòng trực', build: 'build-1' } });
    const cookie = first.headers.getSetCookie()[0] ?? '';
    expect(cookie).toMatch(/^hd_display=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=34560000$/);
    const refused = { status: 401, code: 'DISPLAY_CODE_REFUSED' };
    expect(await running.anonymous().call('POST /display', { body: { code: body.code } })).toMatchObject(refused);
    const late = (await make()).body;
    running.pass(minutes(31));
    expect(await running.anonymous().call('POST /display', { body: { code: late.code } })).toMatchObject(refused);
    // With each question the login is as long again as browsers allow.
    const again = await wall.call('GET /display', SCREEN);
    expect(again.headers.getSetCookie()[0]).toBe(cookie);
    expect(again.body.at).toBeGreaterThan(0);
  });

  it('may read what its pictures need, and is refused everything else: every write, and all that is about people', async () => {
    const { wall } = await aWall();
    const keys = Object.keys(ROUTES) as ApiRoute[];
    expect(
      [...READABLE_BY_DISPLAYS].filter((key) => !key.startsWith('GET ') || !keys.includes(key as ApiRoute)),
    ).toEqual([]);
    for (const key of keys) {
      const { status, code } = await wall.call(key, {
        ...SCREEN,
        ...('body' in ROUTES[key] ? { rawBody: {} } : {}),
        ...('ifMatch' in ROUTES[key] ? { version: 1 } : {}),
      });
      if (READABLE_BY_DISPLAYS.has(key)) expect([401, 403].includes(status), `${key}: ${status} ${code}`).toBe(false);
      else expect({ key, status, code }).toEqual({ key, status: 403, code: 'NOT_PERMITTED' });
    }
    const points = await wall.call('GET /map/points', SCREEN);
    expect(points.body.points.map(({ agencyId }) => agencyId)).toEqual(points.body.points.map(() => ENVIRONMENT));
    expect((await wall.call('GET /alarms', SCREEN)).status).toBe(200);
  });

  it('is no one’s session: without saying that it is a screen, its cookie opens nothing', async () => {
    const { wall } = await aWall();
    expect((await wall.call('GET /session')).body).toEqual({ kind: 'anonymous' });
    expect(await wall.call('GET /alarms')).toMatchObject({ status: 401 });
    // And whoever is signed in is not a screen by saying so.
    expect(await admin.call('GET /display', SCREEN)).toMatchObject({ status: 401, code: 'NOT_SIGNED_IN' });
  });

  it('goes dark when it is revoked: its line is closed at once, and it is told that it is not signed in', async () => {
    const { wall, params } = await aWall();
    const socket = io(`${running.url}/live`, {
      transports: ['websocket'],
      extraHeaders: { cookie: wall.cookie ?? '' },
      auth: { display: 'build-1' },
      reconnection: false,
    });
    const said: string[] = [];
    socket.on('snapshot', () => said.push('snapshot'));
    socket.on('goodbye', (reason: string) => said.push(reason));
    socket.on('connect', () => socket.emit('subscribe', { viewport: null, domains: null }, () => {}));
    await vi.waitFor(() => expect(said).toEqual(['snapshot']), { timeout: 10_000 });
    await admin.call('DELETE /displays/{displayId}', { params });
    await vi.waitFor(() => expect(said).toEqual(['snapshot', 'SESSION_ENDED']), { timeout: 10_000 });
    socket.close();
    expect(await wall.call('GET /display', SCREEN)).toMatchObject({ status: 401, code: 'NOT_SIGNED_IN' });
    expect(await wall.call('GET /map/points', SCREEN)).toMatchObject({ status: 401 });
    const refused = io(`${running.url}/live`, {
      transports: ['websocket'],
      extraHeaders: { cookie: wall.cookie ?? '' },
      auth: { display: 'build-1' },
      reconnection: false,
    });
    const error = await new Promise<Error>((resolve) => refused.on('connect_error', resolve));
    expect(error.message).toBe('NOT_SIGNED_IN');
    refused.close();
  });

  it('tells the administrator when and from where it was last there, and learns that the page was replaced', async () => {
    const { wall, params } = await aWall();
    const before = await admin.call('GET /displays/{displayId}', { params });
    await wall.call('GET /display', SCREEN);
    // That it was seen makes no new version of the screen, and a kept copy must not pass for the answer all the same.
    const headers = { 'if-none-match': before.headers.get('etag') ?? '', 'cache-control': 'max-age=0' };
    const { status, body } = await admin.call('GET /displays/{displayId}', { params, headers });
    expect(status).toBe(200);
    const { seen, linkedAt } = body;
    expect(seen).toMatchObject({ build: 'build-1', address: expect.stringContaining('127.0.0.1') });
    expect(linkedAt).not.toBeNull();
    page('build-2');
    expect((await wall.call('GET /display', SCREEN)).body.build).toBe('build-2');
    rmSync(join(folder, 'index.html'));
    expect((await wall.call('GET /display', SCREEN)).body.build).toBe('');
    page('build-1');
  });

  it('is made by administrators of all that it shows, and by nobody else', async () => {
    for (const role of ['viewer', 'operator', 'installer', 'environment'] as const)
      expect(await make(await running.as(role))).toMatchObject({ status: 403 });
    expect(await make(admin, { agencies: [ENVIRONMENT, POWER] })).toMatchObject({ status: 404 });
    const platform = await running.as('platform_admin');
    expect((await make(platform, { agencies: [ENVIRONMENT, POWER] })).status).toBe(201);
    const { params } = await aWall();
    const power = await running.as('agency_admin', POWER);
    expect((await power.call('GET /displays')).body.items).toEqual([]);
    for (const key of [
      'GET /displays/{displayId}',
      'DELETE /displays/{displayId}',
      'POST /displays/{displayId}/link',
    ] as const)
      expect(await power.call(key, { params })).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(await make(admin, { views: [{ kind: 'alarms', seconds: 1 }] })).toMatchObject({ status: 400 });
  });

  it('does not let anybody guess: after some wrong codes an address has to wait', async () => {
    let last = 0;
    for (let tries = 0; tries < 60 && last !== 429; tries++)
      last = (await running.anonymous().call('POST /display', { body: { code: `WRONG-${tries}` } })).status;
    expect(last).toBe(429);
  });
});
