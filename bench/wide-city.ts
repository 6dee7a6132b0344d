import { createHash, randomUUID } from 'node:crypto';
import { connectAsync } from 'mqtt';
import { hashPassword } from '../api/auth/passwords.ts';
import { haiPhong } from '../config/city/hai-phong.ts';
import type { Point, SeriesDirectoryEntry } from '../domain/asset.ts';
import type { AgencyId, CredentialId, DeviceId, RuleId, UserId } from '../domain/identifiers.ts';
import type { CitySeed } from '../domain/ports/registry.ts';
import { milliseconds } from '../domain/time.ts';
import { type LoadDevice, loadCity, registerCity } from './load-city.ts';
import type { SenderOrder, SenderResult } from './mqtt-sender.ts';
import type { PlatformChild } from './platform-child.ts';
import { startOrder } from './processes.ts';

/** Gateways that carry all devices: fifty thousand connections are not what is measured. */
const GATEWAYS = 25;
/** Stations with connections of their own, which cross a limit. */
const ALARMING = 20;
const NEIGHBOURHOODS = 120;
/** Of every device, none of which makes an index: a message of each comes every twenty seconds at 5,000 readings a second from 50,000. */
const QUANTITIES = 2;
const [CALM, LIMIT, BREACH] = [20, 60, 80];
const STREETS = ['Lạch Tray', 'Tô Hiệu', 'Trần Phú', 'Cầu Đất', 'Hùng Vương', 'Lê Lợi', 'Nguyễn Trãi', 'Hải Triều'];
const THINGS = ['Trạm biến áp', 'Điểm ngập', 'Nút giao', 'Trạm đo bụi', 'Đồng hồ tổng', 'Tủ đèn'];
const DOMAIN_CYCLE: readonly Point['domain'][] = ['environment', 'power', 'water', 'traffic'];

/** Numbers in [0, 1) that are the same in every run. */
function repeatable(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export interface WideCity {
  readonly points: number;
  readonly seed: CitySeed;
  readonly devices: readonly LoadDevice[];
  readonly channels: readonly string[];
  readonly gateways: readonly { readonly id: DeviceId; readonly token: string }[];
  /** Somebody with an account in an agency that has no points. */
  readonly outsider: { readonly loginName: string; readonly password: string };
  /** In the middle of a dense neighbourhood. */
  readonly downtown: { readonly longitude: number; readonly latitude: number };
}

/** Many points in neighbourhoods around the city, each with a device of two quantities that a gateway carries, and names of their own. */
export function wideCity(points: number): WideCity {
  const alarmRule: Parameters<typeof loadCity>[1] = (quantities, agencyId) => [
    {
      id: 'bench-alarm' as RuleId,
      agencyId,
      name: { vi: 'Đo cảnh báo', en: 'Alarm bench' },
      advice: null,
      enabled: true,
      quantity: quantities[0]!.quantity,
      selection: {},
      condition: {
        kind: 'above',
        hysteresis: 1,
        levels: [{ severity: 'critical', limit: LIMIT, hold: milliseconds(0) }],
      },
      clearHold: milliseconds(0),
      judgeSuspect: true,
      // Gone when it clears, so that each breach is an alarm of its own.
      endsUnacknowledged: ['critical'],
    },
  ];
  const { seed, devices, channels } = loadCity(points, alarmRule, { quantities: QUANTITIES, domain: 'power' });
  const next = repeatable(7);
  const bell = (): number => next() + next() + next() - 1.5;
  const middles = Array.from({ length: NEIGHBOURHOODS }, () => ({
    longitude: 106.69 + 0.22 * bell(),
    latitude: 20.84 + 0.14 * bell(),
  }));
  const [gatewayModel] = seed.models;
  if (!gatewayModel) throw new Error('the load has no model');
  const gateways = Array.from({ length: GATEWAYS }, (_, i) => ({
    id: `load-gateway-${i}` as DeviceId,
    token: randomUUID(),
  }));
  const downtown = middles[0] as (typeof middles)[number];
  return {
    points,
    devices,
    channels,
    gateways,
    outsider: { loginName: 'outsider', password: randomUUID() },
    downtown,
    seed: {
      ...seed,
      points: seed.points.map((point, i) => {
        const middle = middles[Math.floor(next() * NEIGHBOURHOODS)] as (typeof middles)[number];
        const name = `${THINGS[i % THINGS.length]} ${STREETS[Math.floor(next() * STREETS.length)]} ${i}`;
        return {
          ...point,
          domain: DOMAIN_CYCLE[i % DOMAIN_CYCLE.length] as Point['domain'],
          name: { vi: name, en: name },
          location: {
            longitude: Number((middle.longitude + 0.012 * bell()).toFixed(6)),
            latitude: Number((middle.latitude + 0.01 * bell()).toFixed(6)),
          },
        };
      }),
      devices: [
        ...seed.devices,
        ...gateways.map(({ id }) => ({
          id,
          agencyId: gatewayModel.agencyId as AgencyId,
          modelId: gatewayModel.id,
          serialNumber: null,
          state: 'commissioned' as const,
          tokenSha256: null,
          serves: [],
        })),
      ],
    },
  };
}

/** Registers the city with its gateways' rights and the outsider, in a new registry in `folder`. Returns the series. */
export function registerWideCity(folder: string, city: WideCity): Promise<readonly SeriesDirectoryEntry[]> {
  return registerCity(folder, city.seed, async (view) => {
    for (const { id, token } of city.gateways)
      await view.devices.addCredential({
        id: randomUUID() as CredentialId,
        kind: 'token',
        deviceId: id,
        topicFilters: ['hd/v1/+/telemetry'],
        tokenSha256: createHash('sha256').update(token).digest('hex'),
        expiresAt: null,
      });
    const owner = city.seed.points[0]?.agencyId;
    const other = haiPhong.agencies.find(({ id }) => id !== owner);
    if (!other) throw new Error('the city has one agency only');
    await view.users.create(
      {
        id: 'u-outsider' as UserId,
        loginName: city.outsider.loginName,
        displayName: 'Outsider',
        language: 'vi',
        roles: [{ agencyId: other.id, role: 'viewer' }],
      },
      await hashPassword(city.outsider.password),
    );
  });
}

/** Starts sending so many readings a second from all devices in turn, until `stop`. */
export function startReadings(city: WideCity, platform: PlatformChild, readingsPerSecond: number) {
  const { points, gateways, channels } = city;
  const order: SenderOrder = {
    port: platform.mqttPort,
    devices: gateways.map(({ id, token }) => [id, token] as const),
    carries: gateways.map((_, g) => {
      const first = ALARMING + g;
      return { prefix: 'load-', first, step: GATEWAYS, count: Math.ceil((points - first) / GATEWAYS) };
    }),
    channels,
    seconds: 0,
    window: 50,
    rate: readingsPerSecond / channels.length,
    from: null,
  };
  const sender = startOrder<SenderOrder, SenderResult>('mqtt-sender.ts', order);
  return {
    async stop(): Promise<{ readonly readingsPerSecond: number }> {
      sender.child.stdin!.end();
      const { acked, seconds } = await sender.answer;
      return { readingsPerSecond: (acked.reduce((a, b) => a + b, 0) * channels.length) / seconds };
    },
  };
}

/** Stations on connections of their own: `breach` begins an alarm, `calm` ends it; both resolve when the platform has acknowledged. */
export function openAlarming(city: WideCity, platform: PlatformChild) {
  return Promise.all(
    city.devices.slice(0, ALARMING).map(async ({ id, token, pointId }) => {
      const client = await connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
        clientId: id,
        username: id,
        password: token,
        protocolVersion: 4,
      });
      const send = (value: number): Promise<unknown> =>
        client.publishAsync(`hd/v1/${id}/telemetry`, JSON.stringify({ values: { [city.channels[0]!]: value } }), {
          qos: 1,
        });
      return { pointId, breach: () => send(BREACH), calm: () => send(CALM), close: () => client.endAsync(true) };
    }),
  );
}
