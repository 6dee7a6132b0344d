import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { request } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { Client } from 'pg';
import { chromium } from 'playwright-core';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openPostgresRegistry } from '../adapters/registry/postgres.ts';
import { hashPassword } from '../api/auth/passwords.ts';
import type { UserId } from '../domain/identifiers.ts';
import { epochMs } from '../domain/time.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './browser/chromium.ts';
import { CityInNamespaces } from './city-in-namespaces.ts';
import { issue } from './ingest/certificate-chain.ts';
import { smallCity, tokenOf } from './ingest/platform-parts.ts';

const DEVICES = 10;
const SEND_EVERY_MS = 50;
const ACCOUNT = { loginName: 'quantri', password: randomUUID() };
const until = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 60_000, interval: 20 });

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}
/** By HTTPS, whoever signed the certificate. */
const ask = (url: string, { method = 'GET', headers = {}, body = '' } = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, rejectUnauthorized: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });

/** A device that sends a value as soon as the one before is acknowledged, and connects again whenever it must. */
class Device {
  readonly #client: MqttClient;
  /** Event times that were acknowledged → when, epoch ms. */
  readonly acknowledged = new Map<number, number>();
  #isSending = true;
  readonly #sending: Promise<void>;

  private constructor(client: MqttClient, id: string) {
    this.#client = client;
    this.#sending = (async () => {
      while (this.#isSending) {
        const ts = Date.now();
        await client.publishAsync(`hd/v1/${id}/telemetry`, JSON.stringify({ ts, values: { pm2_5: 20 } }), { qos: 1 });
        this.acknowledged.set(ts, Date.now());
        await pause(SEND_EVERY_MS);
      }
    })();
  }
  static async connect(url: string, id: string): Promise<Device> {
    const client = await connectAsync(url, {
      clientId: id,
      username: id,
      password: tokenOf(id),
      clean: false,
      reconnectPeriod: 200,
      connectTimeout: 5_000,
      keepalive: 10,
      rejectUnauthorized: false,
    });
    client.on('error', () => {});
    return new Device(client, id);
  }
  /** Longest time between two acknowledgements since `at`, ms. */
  gapSince(at: number): number {
    const times = [at, ...[...this.acknowledged.values()].filter((time) => time > at)];
    return Math.max(...times.slice(1).map((time, i) => time - times[i]!));
  }
  async stop(): Promise<void> {
    this.#isSending = false;
    await this.#sending;
    await this.#client.endAsync();
  }
}

/** A screen that notes when frames come, and connects again as the dashboard does. */
class Screen {
  readonly frames: number[] = [];
  readonly #socket: Socket;
  constructor(url: string, cookie: string) {
    const socket = io(`${url}/live`, {
      transports: ['websocket'],
      forceNew: true,
      rejectUnauthorized: false,
      reconnectionDelay: 200,
      reconnectionDelayMax: 1_000,
      extraHeaders: { cookie },
    });
    socket.on('connect', () =>
      socket.emit('subscribe', { viewport: null, domains: null, acknowledges: true }, () => {}),
    );
    for (const name of ['snapshot', 'delta'])
      socket.on(name, (_frame: unknown, received?: () => void) => {
        this.frames.push(Date.now());
        received?.();
      });
    // After a goodbye the server closes, and socket.io would stay away.
    socket.on('disconnect', (reason) => {
      if (reason === 'io server disconnect') setTimeout(() => socket.connect(), 200);
    });
    this.#socket = socket;
  }
  gapSince(at: number): number {
    const times = [at, ...this.frames.filter((time) => time > at)];
    return Math.max(...times.slice(1).map((time, i) => time - times[i]!));
  }
  close = (): void => void this.#socket.close();
}

describe.skipIf(process.getuid?.() !== 0)('the profile city of docker-compose.yml, in network namespaces', () => {
  const city = new CityInNamespaces();
  const devices: Device[] = [];
  let screen: Screen;
  let cookie = '';

  const influx = async (query: string): Promise<readonly (readonly unknown[])[]> => {
    const body = new URLSearchParams({ q: query, db: 'readings', epoch: 'ms' });
    const response = await fetch(`http://${city.address('influxdb')}:8086/query`, { method: 'POST', body });
    const { results } = (await response.json()) as { results: { series?: { values: unknown[][] }[] }[] };
    return results.flatMap(({ series = [] }) => series).flatMap(({ values }) => values);
  };

  beforeAll(async () => {
    const secret = (): string => randomBytes(16).toString('hex');
    const tls = await issue({ name: 'haidang.test', issuer: null, dnsName: 'haidang.test' });
    const webPush = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
    const secrets = {
      influxdb_token: secret(),
      influxdb_password: secret(),
      nats_password: secret(),
      postgres_password: secret(),
      https_pem: `${tls.pem}\n${tls.keyPem}`,
      mqtt_certificate: tls.pem,
      mqtt_key: tls.keyPem,
      web_push_key: String(webPush.export({ type: 'pkcs8', format: 'pem' })),
    };
    await city.prepare(secrets);
    await city.startAll(async () => {
      const server = `postgres://hai_dang:${secrets.postgres_password}@${city.address('postgres')}:5432`;
      const client = new Client({ connectionString: `${server}/postgres` });
      await client.connect();
      await client.query('CREATE DATABASE hai_dang');
      await client.end();
      await influx('CREATE DATABASE readings');
      const registry = await openPostgresRegistry({
        url: `${server}/hai_dang`,
        clock: () => epochMs(Date.now()),
        newId: randomUUID,
      });
      const actor = { kind: 'system', name: 'test' } as const;
      await registry.seed(actor, smallCity(DEVICES));
      const user = {
        id: 'u-1' as UserId,
        loginName: ACCOUNT.loginName,
        displayName: 'Quản trị',
        language: 'vi' as const,
        roles: [{ agencyId: null, role: 'platform_admin' as const }],
      };
      await registry.as(actor).users.create(user, await hashPassword(ACCOUNT.password));
      await registry.close();
    });
    const signedIn = await ask(`${city.publicUrl}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ACCOUNT),
    });
    expect(signedIn.status, signedIn.body).toBe(200);
    cookie = [signedIn.headers['set-cookie'] ?? []]
      .flat()
      .map((each) => each.split(';')[0])
      .join('; ');
    screen = new Screen(city.publicUrl, cookie);
    const balancer = city.address('balancer');
    for (let i = 1; i <= DEVICES; i++)
      devices.push(
        await Device.connect(i % 2 === 0 ? `mqtts://${balancer}:8883` : `mqtt://${balancer}:1883`, `air-${i}`),
      );
    await until(() => expect(screen.frames.length).toBeGreaterThan(1));
  }, 300_000);
  afterAll(async () => {
    screen?.close();
    await city.close();
  });

  /** Does something to the city, and waits until every device and the screen go on. Says how long the worst of them waited. */
  async function ride(what: string, doing: () => Promise<void>): Promise<void> {
    const at = Date.now();
    await doing();
    const done = Date.now();
    await until(() => {
      for (const device of devices) expect(Math.max(...device.acknowledged.values())).toBeGreaterThan(done + 200);
      expect(screen.frames.at(-1)).toBeGreaterThan(done + 200);
    });
    const waited = Math.max(...devices.map((device) => device.gapSince(at)));
    console.log(`${what}: devices waited ${waited} ms at most, the screen ${screen.gapSince(at)} ms`);
    expect(waited).toBeLessThan(15_000);
  }

  it('finds every service healthy by the check of the compose file', () => {
    for (const service of city.services.keys()) expect(city.isHealthy(service), service).toBe(true);
  });

  it('divides devices among the gateways', async () => {
    const sessions = await Promise.all(
      ['gateway-1', 'gateway-2'].map(async (gateway) => {
        const metrics = await (await fetch(`http://${city.address(gateway)}:8080/metrics`)).text();
        return Number(/^hd_mqtt_sessions (\d+)$/m.exec(metrics)?.[1]);
      }),
    );
    expect(sessions.reduce((sum, count) => sum + count, 0)).toBe(DEVICES);
    // With TLS and without are divided each for itself.
    for (const count of sessions) expect(count).toBeGreaterThanOrEqual(DEVICES / 2 - 1);
  });

  it('keeps figures inside, sends people to TLS, and takes readings by HTTP', async () => {
    const balancer = city.address('balancer');
    for (const path of ['/metrics', '/READYZ', '/readyz/'])
      expect((await ask(`${city.publicUrl}${path}`)).status, path).toBe(404);
    const plain = await fetch(`http://${balancer}:8080/`, { redirect: 'manual' });
    expect([plain.status, plain.headers.get('location')]).toEqual([308, `https://${balancer}:8080/`]);
    const taken = await fetch(`http://${balancer}:8080/ingest/v1/telemetry`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokenOf('air-1')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ts: Date.now() - 60_000, values: { pm10: 1 } }),
    });
    expect(taken.status).toBeLessThan(300);
  });

  it.skipIf(!CHROMIUM)('shows the dashboard, which hears of readings', async () => {
    const browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: CHROMIUM_ARGUMENTS });
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const frames: string[] = [];
    const page = await context.newPage();
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
    await context.request.post(`${city.publicUrl}/api/v1/session`, { data: ACCOUNT });
    await page.goto(city.publicUrl);
    await until(() => expect(frames.filter((frame) => frame.includes('"delta"')).length).toBeGreaterThan(2));
    await browser.close();
  });

  it('goes on when a gateway is killed, or stands still', async () => {
    await ride('gateway-1 killed', () => city.kill('gateway-1'));
    city.start('gateway-1');
    await city.healthy('gateway-1');
    await ride('gateway-2 stands still', async () => {
      city.holdStill('gateway-2');
      await pause(10_000);
    });
    city.wake('gateway-2');
    await city.healthy('gateway-2');
  });

  it('goes on when the API servers are killed, one after the other', async () => {
    for (const api of ['api-1', 'api-2']) {
      await ride(`${api} killed`, () => city.kill(api));
      city.start(api);
      await city.healthy(api);
    }
  });

  it('is upgraded without a pause, one process after another', async () => {
    for (const name of ['worker-1', 'worker-2', 'api-1', 'api-2', 'gateway-1', 'gateway-2'])
      await ride(`${name} stopped and started`, async () => {
        await city.stop(name);
        city.start(name);
        await city.healthy(name);
      });
  });

  it('has stored each acknowledged reading once', async () => {
    for (const device of devices) await device.stop();
    const sent = devices.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);
    const stored = async (): Promise<number> => {
      let found = 0;
      for (const [i, device] of devices.entries()) {
        const rows = await influx(`SELECT "value" FROM "pm2_5" WHERE "point" = 'p-air-${i + 1}'`);
        found += new Set(rows.map(([time]) => time as number).filter((time) => device.acknowledged.has(time))).size;
      }
      return found;
    };
    await until(async () => expect(await stored()).toBe(sent));
    console.log(`${sent} readings acknowledged, each stored`);
  });
});
