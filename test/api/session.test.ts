import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hours, minutes } from '../../domain/time.ts';
import { ApiClient } from './api-client.ts';
import { ENVIRONMENT, PASSWORD, POWER, type RunningApi, runApi } from './running-api.ts';

let running: RunningApi;
beforeEach(async () => {
  running = await runApi({ limits: { loginTriesPerAccountAndAddress: 3 } });
});
afterEach(() => running.close());

const rawLogin = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ loginName: 'operator-env', password: PASSWORD }),
  });

describe('signing in', () => {
  it('gives a cookie that scripts and other sites never see, and says what the person may do', async () => {
    await running.as('operator');
    const response = await rawLogin(running.url);
    const cookie = response.headers.getSetCookie()[0] ?? '';
    expect(cookie).toMatch(/^hd_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=86400$/);
    expect(await response.json()).toMatchObject({
      kind: 'person',
      user: { loginName: 'operator-env', roles: [{ agencyId: ENVIRONMENT, role: 'operator' }] },
      permissions: { read: [ENVIRONMENT], 'alarms.work': [ENVIRONMENT] },
    });
  });

  it('tells in the same words of an unknown name and of a wrong password', async () => {
    await running.as('operator');
    const client = running.anonymous();
    const wrong = await client.call('POST /session', { body: { loginName: 'operator-env', password: 'x' } });
    const unknown = await client.call('POST /session', { body: { loginName: 'nobody-here', password: 'x' } });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(unknown.text).toBe(wrong.text);
  });

  it('refuses further tries on an account from one address after so many, right password or not', async () => {
    await running.as('operator');
    const client = running.anonymous();
    const tries = [];
    for (let i = 0; i < 4; i++) {
      tries.push(await client.call('POST /session', { body: { loginName: ' OPERATOR-env', password: `guess ${i}` } }));
    }
    expect(tries.map((one) => one.status)).toEqual([401, 401, 401, 429]);
    expect(Number(tries[3]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await rawLogin(running.url)).status).toBe(429);
  });

  it('lets nobody in whose account is disabled', async () => {
    const operator = await running.as('operator');
    const admin = await running.as('agency_admin');
    const id = await running.person('operator-env', []);
    const user = (await admin.call('GET /users/{userId}', { params: { userId: id } })).body;
    const { displayName, language, roles, version } = user;
    const edit = { params: { userId: id }, version, body: { displayName, language, roles, disabled: true } };
    expect((await admin.call('PUT /users/{userId}', edit)).status).toBe(200);
    expect((await operator.call('GET /alarms')).status).toBe(401);
    expect((await rawLogin(running.url)).status).toBe(401);
  });

  it('ends after its lifetime, and at once on signing out', async () => {
    const operator = await running.as('operator');
    expect((await operator.call('DELETE /session')).status).toBe(204);
    expect(operator.cookie).toBeNull();
    const again = await running.as('operator');
    running.pass(hours(24) + minutes(1));
    expect((await again.call('GET /session')).body).toEqual({ kind: 'anonymous' });
    expect((await again.call('GET /alarms')).status).toBe(401);
  });

  it('changes one’s own password only with the old one, and ends all of one’s sessions', async () => {
    const one = await running.as('viewer');
    const other = await running.as('viewer');
    const body = { current: 'not it', replacement: 'another long password' };
    expect((await one.call('PUT /session/password', { body })).code).toBe('LOGIN_REFUSED');
    expect((await one.call('PUT /session/password', { body: { ...body, current: PASSWORD } })).status).toBe(204);
    expect((await other.call('GET /alarms')).status).toBe(401);
    await ApiClient.signIn(running.url, 'viewer-env', 'another long password');
  });
});

describe('behind a proxy that speaks TLS', () => {
  it('marks the cookie Secure and ties it to the host by its name', async () => {
    const behind = await runApi({ settings: { trustedProxies: 1, publicUrl: 'https://haidang.example' } });
    await behind.as('operator').catch(() => undefined);
    const response = await rawLogin(behind.url, { 'x-forwarded-proto': 'https' });
    expect(response.headers.getSetCookie()[0]).toMatch(/^__Host-hd_session=.*; Secure$/);
    expect(response.headers.get('strict-transport-security')).toContain('max-age');
    await behind.close();
  });
});

describe('a page of another site', () => {
  it('can change nothing with the person’s cookie', async () => {
    const operator = await running.as('operator');
    const alarm = { params: { alarmId: 'none' } };
    const attempt = (headers: Record<string, string>) =>
      operator.call('POST /alarms/{alarmId}/start-work', { ...alarm, headers });
    expect((await attempt({ origin: 'https://evil.example' })).code).toBe('CSRF_REFUSED');
    expect((await attempt({ origin: 'null' })).code).toBe('CSRF_REFUSED');
    expect((await attempt({ 'x-csrf-token': '' })).code).toBe('CSRF_REFUSED');
    expect((await attempt({ 'x-csrf-token': 'guessed' })).code).toBe('CSRF_REFUSED');
    expect((await attempt({ origin: running.url })).code).toBe('NOT_FOUND');
  });

  it('can sign nobody in', async () => {
    await running.as('operator');
    expect((await rawLogin(running.url, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await rawLogin(running.url, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await rawLogin(running.url, { 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });

  it('may not frame ours, nor have ours load anything from elsewhere', async () => {
    const { headers } = await fetch(`${running.url}/api/docs`);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("worker-src 'self' blob:");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).not.toContain('unsafe-eval;');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
  });
});

describe('an API key', () => {
  it('works as bearer without cookie or CSRF token, until it is revoked', async () => {
    const admin = await running.as('agency_admin');
    const roles = [{ agencyId: ENVIRONMENT, role: 'operator' as const }];
    const body = { agencyId: ENVIRONMENT, name: 'integration', roles, expiresAt: null };
    const made = (await admin.call('POST /api-keys', { body })).body;
    expect(JSON.stringify((await admin.call('GET /api-keys')).body)).not.toContain(made.secret);

    const program = running.anonymous();
    program.bearer = made.secret;
    expect((await program.call('GET /session')).body).toMatchObject({ kind: 'person', csrfToken: null });
    expect((await program.call('GET /alarms')).status).toBe(200);
    expect((await program.call('POST /alarms/{alarmId}/start-work')).code).toBe('NOT_FOUND');
    expect((await program.call('POST /rules', { rawBody: {} })).code).toBe('NOT_PERMITTED');

    await admin.call('DELETE /api-keys/{apiKeyId}', { params: { apiKeyId: made.apiKey.id } });
    expect((await program.call('GET /alarms')).status).toBe(401);
    // Even for what is open to all: who sends a key counts on it.
    expect((await program.call('GET /map/points')).status).toBe(401);
  });

  it('can’t be given more than its giver holds', async () => {
    const admin = await running.as('agency_admin');
    const give = (agencyId: typeof ENVIRONMENT | null, role: 'viewer' | 'platform_admin') =>
      admin.call('POST /api-keys', {
        body: { agencyId: ENVIRONMENT, name: 'n', roles: [{ agencyId, role }], expiresAt: null },
      });
    expect((await give(null, 'platform_admin')).code).toBe('NOT_PERMITTED');
    expect((await give(POWER, 'viewer')).code).toBe('NOT_PERMITTED');
    expect((await give(ENVIRONMENT, 'viewer')).status).toBe(201);
  });

  it('stops working when the person who made it is disabled', async () => {
    const admin = await running.as('agency_admin');
    const roles = [{ agencyId: ENVIRONMENT, role: 'viewer' as const }];
    const { secret } = (
      await admin.call('POST /api-keys', { body: { agencyId: ENVIRONMENT, name: 'n', roles, expiresAt: null } })
    ).body;
    const platform = await running.as('platform_admin');
    const userId = await running.person('agency_admin-env', []);
    const user = (await platform.call('GET /users/{userId}', { params: { userId } })).body;
    const { displayName, language, version } = user;
    await platform.call('PUT /users/{userId}', {
      params: { userId },
      version,
      body: { displayName, language, roles: user.roles, disabled: true },
    });
    const program = running.anonymous();
    program.bearer = secret;
    expect((await program.call('GET /alarms')).status).toBe(401);
  });
});

describe('setting up', () => {
  const first = (token: string) => ({
    body: {
      token,
      loginName: 'first',
      displayName: 'Quản trị viên',
      password: 'a long first password',
      language: 'vi' as const,
    },
  });

  it('makes the first administrator with the one-time link, once', async () => {
    expect(running.api.setupPath).toMatch(/^\/setup#[\w-]{43}$/);
    const token = running.api.setupPath?.split('#')[1] ?? '';
    const client = running.anonymous();
    expect((await client.call('GET /settings')).body.setupOpen).toBe(true);
    expect((await client.call('POST /setup', first('guess'))).code).toBe('SETUP_CLOSED');
    const made = await client.call('POST /setup', first(token));
    expect(made.body).toMatchObject({ kind: 'person', permissions: { 'platform.administer': 'all' } });
    expect((await client.call('GET /settings')).body.setupOpen).toBe(false);
    expect((await running.anonymous().call('POST /setup', first(token))).code).toBe('SETUP_CLOSED');
    expect(running.api.setupPath).toBeNull();
  });

  it('takes the link of any server at any, and then none', async () => {
    const other = await running.another();
    const tokens = [other.api.setupPath, running.api.setupPath].map((path) => path?.split('#')[1] ?? '');
    expect(new Set(tokens).size).toBe(2);
    const elsewhere = new ApiClient(other.url);
    expect((await running.anonymous().call('POST /setup', first(tokens[0]!))).status).toBe(201);
    expect((await elsewhere.call('GET /settings')).body.setupOpen).toBe(false);
    expect((await elsewhere.call('POST /setup', first(tokens[1]!))).code).toBe('SETUP_CLOSED');
  });

  it('is closed as soon as anyone exists', async () => {
    const token = running.api.setupPath?.split('#')[1] ?? '';
    await running.as('viewer');
    expect((await running.anonymous().call('POST /setup', first(token))).code).toBe('SETUP_CLOSED');
  });
});
