import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DeviceDirectoryEntry, SeriesDirectoryEntry } from '../../../domain/asset.ts';
import type {
  AgencyId,
  DeviceId,
  DeviceModelId,
  PointId,
  RuleId,
  SeriesId,
  UserId,
} from '../../../domain/identifiers.ts';
import type { QuantityKey } from '../../../domain/quantity.ts';
import type { Condition } from '../../../domain/rule.ts';
import type { SuppressionWindow, SuppressionWindowId } from '../../../domain/suppression-window.ts';
import { epochMs, milliseconds as ms, seconds } from '../../../domain/time.ts';
import { aReading, aRule, createMemoryPlatform, type MemoryPlatform, seriesEntry } from './memory-platform.ts';
import type { RulesConsumer } from './rules-consumer.ts';

const WATER = 'water' as AgencyId;
const above = (limit: number): Condition => ({
  kind: 'above',
  levels: [{ severity: 'major', limit, hold: ms(0) }],
  hysteresis: 0,
});
const silence: Condition = { kind: 'no_data', levels: [{ severity: 'minor', hold: seconds(60) }] };

const running: RulesConsumer[] = [];
const started = async (platform: MemoryPlatform): Promise<RulesConsumer> => {
  const consumer = platform.consumer({ placesEvery: ms(0), carrierGrace: seconds(300) });
  await consumer.start();
  running.push(consumer);
  return consumer;
};
const stop = async (): Promise<void> => {
  for (const consumer of running.splice(0)) await consumer.stop();
};
afterEach(stop);
const until = (check: () => void) => vi.waitFor(check, { interval: 2, timeout: 5_000 });

const aWindow = (from: number, till: number | null, more: Partial<SuppressionWindow> = {}): SuppressionWindow => ({
  id: 'w' as SuppressionWindowId,
  agencyId: WATER,
  kind: till === null ? 'out_of_service' : 'maintenance',
  scope: { kind: 'point', pointId: 'p1' as PointId },
  reason: 'Thay cảm biến',
  owner: 'hoa' as UserId,
  from: epochMs(from),
  until: till === null ? null : epochMs(till),
  cause: 'person',
  endedAt: null,
  createdAt: epochMs(0),
  version: 1,
  ...more,
});
const open = (platform: MemoryPlatform, window: SuppressionWindow): void => {
  platform.registry.windows.splice(0, 9, window);
  platform.bus.publish('suppression.changed', { windowId: window.id, agencyId: window.agencyId });
};
const kinds = (platform: MemoryPlatform) =>
  platform.registry.alarms().map((alarm) => platform.registry.history(alarm.id).map((line) => line.kind));
const shown = (platform: MemoryPlatform) =>
  platform.registry.alarms().map(({ suppression, work, endedAt }) => ({
    hidden: suppression?.kind ?? null,
    work,
    open: endedAt === null,
  }));

describe('maintenance of a scope', () => {
  it('hides what begins in it and tells nobody, then shows as new what is active at its end', async () => {
    const platform = createMemoryPlatform([aRule(above(3))]);
    const { now } = platform.clock;
    platform.registry.windows.push(aWindow(now, now + 1_000));
    await started(platform);
    await platform.send(aReading(now + 10, 9));
    await until(() => expect(shown(platform)).toEqual([{ hidden: 'maintenance', work: 'new', open: true }]));
    expect(platform.registry.messages()).toEqual([]);
    platform.clock.now += 1_000;
    await until(() => expect(shown(platform)).toEqual([{ hidden: null, work: 'new', open: true }]));
    expect(kinds(platform)).toEqual([['activated', 'unsuppressed']]);
    const [alarm] = platform.registry.alarms();
    expect(platform.registry.history(alarm!.id).at(-1)?.eventTime).toBe(now + 1_000);
    expect(platform.registry.messages().map(({ kind }) => kind)).toEqual(['alarm.raised']);
  });

  it('ends what cleared meanwhile without a word', async () => {
    const platform = createMemoryPlatform([aRule(above(3))]);
    const { now } = platform.clock;
    platform.registry.windows.push(aWindow(now, now + 1_000));
    await started(platform);
    await platform.send(aReading(now + 10, 9), aReading(now + 20, 1));
    await until(() => expect(kinds(platform)).toEqual([['activated', 'cleared']]));
    platform.clock.now += 1_000;
    await until(() => expect(kinds(platform)).toEqual([['activated', 'cleared', 'unsuppressed', 'ended']]));
    expect(platform.registry.messages()).toEqual([]);
  });

  it('begins by itself when planned, hides what is open already, and moves with its end', async () => {
    const platform = createMemoryPlatform([aRule(above(3))]);
    const { now } = platform.clock;
    await started(platform);
    open(platform, aWindow(now + 500, now + 1_000));
    await platform.send(aReading(now + 10, 9));
    await until(() => expect(shown(platform)).toEqual([{ hidden: null, work: 'new', open: true }]));
    platform.clock.now += 500;
    await until(() => expect(shown(platform)).toMatchObject([{ hidden: 'maintenance' }]));
    open(platform, aWindow(now + 500, now + 2_000, { version: 2 }));
    await until(() => expect(platform.registry.alarms()[0]?.suppression?.until).toBe(now + 2_000));
    platform.clock.now += 1_000;
    open(platform, aWindow(now + 500, now + 2_000, { endedAt: epochMs(now + 1_400), version: 3 }));
    await until(() => expect(shown(platform)).toEqual([{ hidden: null, work: 'new', open: true }]));
  });

  it('shows again what is active although the platform was down at its end, and hides what is judged late', async () => {
    const platform = createMemoryPlatform(
      [aRule(above(3))],
      [seriesEntry(1), seriesEntry(2, { pointId: 'p1' as PointId })],
    );
    const { now } = platform.clock;
    platform.registry.windows.push(aWindow(now, now + 1_000));
    await started(platform);
    await platform.send(aReading(now + 10, 9));
    await until(() => expect(shown(platform)).toMatchObject([{ hidden: 'maintenance' }]));
    await stop();
    // Came and went in the maintenance, and is only judged after it.
    await platform.send(
      aReading(now + 20, 9, { series: 2 as SeriesId }),
      aReading(now + 30, 1, { series: 2 as SeriesId }),
    );
    platform.clock.now += 5_000;
    await started(platform);
    await until(() =>
      expect(shown(platform)).toEqual([
        { hidden: null, work: 'new', open: true },
        { hidden: null, work: 'new', open: false },
      ]),
    );
    expect(platform.registry.messages().map(({ alarmId }) => alarmId)).toEqual([platform.registry.alarms()[0]!.id]);
  });

  it('is not lifted from one alarm, and gives way to what a person shelved until that is over', async () => {
    const platform = createMemoryPlatform([aRule(above(3))]);
    const { now } = platform.clock;
    platform.registry.windows.push(aWindow(now, null));
    await started(platform);
    await platform.send(aReading(now, 9));
    await until(() => expect(shown(platform)).toMatchObject([{ hidden: 'out_of_service' }]));
    const { id, version } = platform.registry.alarms()[0]!;
    const by = 'ha' as UserId;
    expect(platform.registry.work(id, { kind: 'unsuppress', by, version }, epochMs(now)).ok).toBe(false);
    const shelved = { kind: 'shelved' as const, reason: 'r', by, since: epochMs(now), until: epochMs(now + 100) };
    expect(platform.registry.work(id, { kind: 'suppress', suppression: shelved, version }, epochMs(now)).ok).toBe(true);
    platform.bus.publish('alarm.changed', { alarm: platform.registry.alarms()[0]!, transitions: [] });
    platform.clock.now += 100;
    await until(() => expect(shown(platform)).toMatchObject([{ hidden: 'out_of_service', open: true }]));
  });

  it.each([
    { of: 'a rule', scope: { kind: 'rule', ruleId: 'r' as RuleId }, hides: [1, 2] },
    {
      of: 'a rule on a point',
      scope: { kind: 'rule_on_point', ruleId: 'r' as RuleId, pointId: 'p2' as PointId },
      hides: [2],
    },
    {
      of: 'another rule on a point',
      scope: { kind: 'rule_on_point', ruleId: 'x' as RuleId, pointId: 'p2' as PointId },
      hides: [],
    },
    { of: 'a site', scope: { kind: 'site', siteId: 's' as SeriesDirectoryEntry['siteId'] }, hides: [1, 2] },
    { of: 'a device', scope: { kind: 'device', deviceId: 'd-1' as DeviceId }, hides: [1] },
  ] as const)('of $of hides what it covers and nothing else', async ({ scope, hides }) => {
    const platform = createMemoryPlatform([aRule(above(3))], [seriesEntry(1), seriesEntry(2)]);
    const { now } = platform.clock;
    platform.registry.devices.push(aDevice('d-1', 1));
    platform.registry.windows.push(aWindow(now, null, { scope }));
    await started(platform);
    await platform.send(aReading(now, 9), aReading(now, 9, { series: 2 as SeriesId }));
    await until(() => expect(platform.registry.alarms()).toHaveLength(2));
    const hidden = platform.registry.alarms().filter(({ suppression }) => suppression !== null);
    expect(hidden.map(({ series }) => series).sort()).toEqual(hides);
  });

  it('changes nothing in what is judged: with and without it, conditions are the same', async () => {
    const values = fc.array(fc.constantFrom(1, 4, 9), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(values, fc.nat(30), fc.nat(30), async (given, from, length) => {
        const judge = async (window: SuppressionWindow | null) => {
          const platform = createMemoryPlatform([aRule(above(3), { endsUnacknowledged: ['major'] })]);
          const { now } = platform.clock;
          if (window !== null) platform.registry.windows.push(window);
          const consumer = await started(platform);
          for (const [i, value] of given.entries()) {
            platform.clock.now = now + i;
            await platform.send(aReading(now + i, value));
          }
          await until(() => expect(consumer.status().readings).toBe(given.length));
          await until(() => expect(consumer.status().cursor).toBe(given.length));
          platform.clock.now = now + 100;
          await consumer.stop();
          running.splice(running.indexOf(consumer), 1);
          return platform.registry
            .alarms()
            .flatMap((alarm) => platform.registry.history(alarm.id))
            .filter(({ kind }) => ['activated', 'reactivated', 'cleared'].includes(kind))
            .map(({ kind, eventTime }) => [kind === 'reactivated' ? 'activated' : kind, eventTime]);
        };
        const start = 1_000_000;
        expect(await judge(aWindow(start + from, start + from + length + 1))).toEqual(await judge(null));
      }),
      { numRuns: 25 },
    );
  });
});

const aDevice = (
  id: string,
  series: number | null,
  more: Partial<DeviceDirectoryEntry> = {},
): DeviceDirectoryEntry => ({
  deviceId: id as DeviceId,
  agencyId: WATER,
  modelId: 'm' as DeviceModelId,
  state: 'commissioned',
  serialNumber: null,
  format: 'native-json',
  codec: null,
  rateLimit: null,
  channels: new Map(
    series === null
      ? []
      : [
          [
            'l',
            { series: series as SeriesId, quantity: 'water_level' as QuantityKey, plausibleRange: null, unit: null },
          ],
        ],
  ),
  knownChannels: new Set(['l']),
  credentials: [],
  certificates: [],
  ...more,
});
const gateway = (id: string, filter: string): DeviceDirectoryEntry =>
  aDevice(id, null, {
    credentials: [{ id: 'c' as never, tokenSha256: 'x', topicFilters: ['hd/v1/{id}/#', filter], expiresAt: null }],
  });

describe('a gateway that is down', () => {
  const atGateway = async (filter = 'hd/v1/+/#') => {
    const platform = createMemoryPlatform([aRule(silence)], [seriesEntry(1), seriesEntry(2)]);
    platform.registry.devices.push(gateway('gw', filter), aDevice('meter-1', 1), aDevice('meter-2', 2));
    const session = (online: boolean): void =>
      platform.bus.publish('device.status', {
        deviceId: 'gw' as DeviceId,
        agencyId: WATER,
        online,
        at: epochMs(platform.clock.now),
        reason: online ? 'connected' : 'lost',
      });
    await started(platform);
    session(true);
    await platform.send(aReading(platform.clock.now, 1), aReading(platform.clock.now, 1, { series: 2 as SeriesId }));
    await until(() => expect(running.at(-1)?.status().readings).toBe(2));
    return { platform, session };
  };
  const told = (platform: MemoryPlatform) =>
    platform.registry.messages().map(({ kind, alarmId }) => [kind, alarmId?.split(':')[0]]);

  it('raises one alarm that says how many are behind it, and keeps their silence quiet', async () => {
    const { platform, session } = await atGateway();
    platform.clock.now += 10_000;
    session(false);
    const offAt = platform.clock.now;
    platform.clock.now += 60_000;
    await until(() => expect(platform.registry.alarms()).toHaveLength(3));
    const byCarrier = platform.registry.alarms().filter(({ carrier }) => carrier !== undefined);
    expect(byCarrier).toMatchObject([
      {
        id: `carrier-down:water:device-gw:${(offAt + 60_000).toString(36)}`,
        suppression: null,
        carrier: { kind: 'device', id: 'gw', pointsBehind: 2, points: ['p1', 'p2'] },
      },
    ]);
    const children = platform.registry.alarms().filter(({ ruleId }) => ruleId === 'r');
    expect(children.map(({ suppression }) => [suppression?.kind, suppression?.carrier])).toEqual(
      Array(2).fill(['carrier_down', { kind: 'device', id: 'gw' }]),
    );
    expect(told(platform)).toEqual([['alarm.raised', 'carrier-down']]);
  });

  it('shows after its return, and some time to be heard, what is silent still', async () => {
    const { platform, session } = await atGateway();
    session(false);
    platform.clock.now += 70_000;
    await until(() => expect(platform.registry.alarms()).toHaveLength(3));
    session(true);
    await platform.send(aReading(platform.clock.now, 1));
    await until(() =>
      expect(platform.registry.alarms().filter(({ condition }) => condition === 'active')).toHaveLength(1),
    );
    platform.clock.now += 299_000;
    await platform.send(aReading(platform.clock.now, 1));
    await until(() => expect(running.at(-1)?.status().readings).toBe(4));
    expect(shown(platform).filter(({ hidden }) => hidden === 'carrier_down')).toHaveLength(2);
    platform.clock.now += 1_000;
    await until(() => expect(shown(platform).filter(({ hidden }) => hidden !== null)).toEqual([]));
    expect(
      platform.registry
        .alarms()
        .filter(({ ruleId }) => ruleId === 'r')
        .map(({ series, endedAt, work }) => [series, endedAt === null, work])
        .sort(),
    ).toEqual([
      [1, false, 'new'],
      [2, true, 'new'],
    ]);
    expect(told(platform)).toEqual([
      ['alarm.raised', 'carrier-down'],
      ['alarm.cleared', 'carrier-down'],
      ['alarm.raised', 'r'],
    ]);
  });

  it('goes on with its alarm after a restart of the platform, and raises it once', async () => {
    const { platform, session } = await atGateway();
    session(false);
    const offAt = platform.clock.now;
    platform.clock.now += 70_000;
    await until(() => expect(platform.registry.alarms()).toHaveLength(3));
    await stop();
    platform.registry.statuses.push({
      deviceId: 'gw' as DeviceId,
      agencyId: WATER,
      online: false,
      reason: 'lost',
      eventTime: epochMs(offAt),
      recordedAt: epochMs(offAt),
    });
    platform.clock.now += 500_000;
    const consumer = await started(platform);
    await platform.send(aReading(platform.clock.now, 1, { series: 2 as SeriesId }));
    await until(() => expect(consumer.status().readings).toBe(1));
    await until(() =>
      expect(platform.registry.alarms().find(({ series, ruleId }) => series === 2 && ruleId === 'r')?.condition).toBe(
        'cleared',
      ),
    );
    expect(platform.registry.alarms()).toHaveLength(3);
    session(true);
    await until(() => expect(platform.registry.alarms().find(({ carrier }) => carrier)?.condition).toBe('cleared'));
    expect(platform.registry.alarms()).toHaveLength(3);
  });

  it('leaves alone who connects by itself, and whose topics it has no right to', async () => {
    const { platform, session } = await atGateway('hd/v1/meter-1/#');
    session(false);
    platform.clock.now += 70_000;
    await until(() => expect(platform.registry.alarms()).toHaveLength(3));
    const children = platform.registry.alarms().filter(({ ruleId }) => ruleId === 'r');
    expect(children.map(({ series, suppression }) => [series, suppression?.kind]).sort()).toEqual([
      [1, 'carrier_down'],
      [2, undefined],
    ]);
  });
});

describe('a site that is down', () => {
  it('keeps the silence of what it feeds quiet when its rule says so', async () => {
    const entries = [
      seriesEntry(1, { siteId: 'transformer' as never, quantity: 'voltage' as never }),
      seriesEntry(2, { siteId: 'meter' as never }),
      seriesEntry(3, { siteId: 'elsewhere' as never }),
    ];
    const outage = aRule(
      { kind: 'below', levels: [{ severity: 'critical', limit: 10, hold: ms(0) }], hysteresis: 0 },
      { id: 'out' as RuleId, quantity: 'voltage' as QuantityKey, quietsBehind: true },
    );
    const platform = createMemoryPlatform([aRule(silence), outage], entries);
    platform.registry.network.links.push({ from: 'transformer' as never, to: 'meter' as never, kind: 'feeds' });
    const consumer = await started(platform);
    const { now } = platform.clock;
    await platform.send(
      aReading(now, 0),
      aReading(now, 1, { series: 2 as SeriesId }),
      aReading(now, 1, { series: 3 as SeriesId }),
    );
    await until(() => expect(consumer.status().readings).toBe(3));
    platform.clock.now += 61_000;
    await until(() => expect(platform.registry.alarms()).toHaveLength(3));
    expect(
      platform.registry
        .alarms()
        .map(({ series, suppression, carrier }) => [series, suppression?.kind, carrier?.pointsBehind])
        .sort(),
    ).toEqual([
      [1, undefined, 1],
      [2, 'carrier_down', undefined],
      [3, undefined, undefined],
    ]);
    await platform.send(aReading(platform.clock.now, 230));
    await until(() => expect(platform.registry.alarms().find(({ series }) => series === 1)?.condition).toBe('cleared'));
    platform.clock.now += 301_000;
    await until(() => expect(platform.registry.alarms().find(({ series }) => series === 2)?.suppression).toBeNull());
  });
});
