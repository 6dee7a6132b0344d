import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInProcessBus } from '../../adapters/bus/in-process.ts';
import { createSender, type SenderSettings } from '../../adapters/notifications/sender.ts';
import { openSqliteRegistry } from '../../adapters/registry/sqlite.ts';
import { QUANTITY_CATALOGUE } from '../../config/quantities.ts';
import type { Actor, Role, SharingGrant } from '../../domain/access.ts';
import type { Alarm } from '../../domain/alarm.ts';
import { applyConditionEvent } from '../../domain/alarm-machine.ts';
import { messagesOf } from '../../domain/alarm-messages.ts';
import type { AgencyId, PointId, RuleId, SeriesId, SiteId, UserId } from '../../domain/identifiers.ts';
import { alarmKey, type IncidentCause, type IncidentId, type IncidentMember } from '../../domain/incident.ts';
import {
  type PersonalChannel,
  type PersonalNotifications,
  type SubscriptionId,
  withoutNotifications,
} from '../../domain/notifications/notification.ts';
import { DEFAULT_RETRY } from '../../domain/notifications/retry.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import type { CitySeed, Registry } from '../../domain/ports/registry.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import type { Severity } from '../../domain/rule.ts';
import type { ConditionEvent } from '../../domain/rule-evaluation.ts';
import { days, type EpochMs, epochMs, milliseconds, minutes, seconds } from '../../domain/time.ts';
import { Notifier } from '../../ingest/notifier/notifier.ts';
import type { NotifierSettings } from '../../ingest/notifier/notifier-settings.ts';

export const SYSTEM: Actor = { kind: 'system', name: 'test' };
export const ENV = 'env' as AgencyId;
export const WATER = 'water' as AgencyId;
/** Points of the one agency that raises alarms. */
const POINTS = 40;
const LOCATION = { longitude: 106.68, latitude: 20.86 };

function smallCity(): CitySeed {
  const name = (text: string) => ({ vi: text, en: text });
  const place = { agencyId: ENV, domain: 'environment' as const, location: LOCATION, wardCode: null, tags: [] };
  const rule = (id: string, text: string) => ({
    id: id as RuleId,
    agencyId: ENV,
    name: name(text),
    advice: null,
    enabled: true,
    quantity: 'pm2_5' as QuantityKey,
    selection: {},
    condition: {
      kind: 'above' as const,
      levels: [{ severity: 'major' as const, limit: 50, hold: milliseconds(0) }],
      hysteresis: 0,
    },
    clearHold: milliseconds(0),
    judgeSuspect: true,
    endsUnacknowledged: [],
  });
  return {
    agencies: [
      { id: ENV, name: name('Môi trường') },
      { id: WATER, name: name('Cấp nước') },
    ],
    models: [],
    sites: [{ ...place, id: 's' as SiteId, name: name('Trạm'), kind: 'air_station', parentId: null }],
    links: [],
    points: Array.from({ length: POINTS }, (_, i) => ({
      ...place,
      id: `p-${i}` as PointId,
      name: name(`Điểm ${i}`),
      siteId: 's' as SiteId,
      quantities: ['pm2_5' as QuantityKey],
    })),
    devices: [],
    rules: [rule('r-1', 'Bụi mịn cao'), rule('r-2', 'Bụi mịn tăng nhanh')],
  };
}

const EVERYTHING: Record<Severity, readonly PersonalChannel[]> = {
  critical: ['email'],
  major: ['email'],
  minor: ['email'],
  notice: ['email'],
};

export const TIMING: NotifierSettings['grouping'] = {
  gather: seconds(20),
  update: minutes(5),
  follow: minutes(30),
};

export interface ToldCityOptions {
  readonly path?: string;
  readonly sender?: Partial<SenderSettings>;
  readonly settings?: Partial<NotifierSettings>;
  /** `undefined`: a clock of the test's own, moved by `pass`. */
  readonly clock?: () => EpochMs;
}

/** A registry on disk, a notifier with real channels, and a clock that the test moves. */
export async function openToldCity(options: ToldCityOptions = {}) {
  const folder = options.path ?? mkdtempSync(join(tmpdir(), 'hd-told-'));
  // A Thursday noon in Hải Phòng: far from midnight and from quiet hours.
  let now = Date.parse('2026-11-26T12:00:00+07:00');
  const clock = options.clock ?? (() => epochMs(now));
  const registry: Registry = openSqliteRegistry({ path: join(folder, 'registry.sqlite'), clock, newId: randomUUID });
  await registry.seed(SYSTEM, smallCity());
  const bus = createInProcessBus((_, error) => {
    throw error;
  });
  const sender = createSender(
    {
      smtp: null,
      vapidFile: join(folder, 'key.pem'),
      contact: 'mailto:truc@hd.example',
      allowedTargets: ['127.0.0.0/8'],
      timeout: seconds(5),
      ...options.sender,
    },
    clock,
  );
  const problems: object[] = [];
  const notifier = new Notifier({
    store: registry.notifications,
    registry,
    sender,
    bus,
    catalogue: QUANTITY_CATALOGUE,
    wardNames: new Map(),
    clock,
    newId: randomUUID,
    random: () => 0.5,
    log: { info: () => {}, warn: () => {}, error: (fields) => problems.push(fields) },
    settings: {
      grouping: TIMING,
      retry: DEFAULT_RETRY,
      messagesPerHour: 30,
      retention: days(365),
      timeZone: 'Asia/Ho_Chi_Minh',
      publicUrl: 'https://hd.example',
      tick: milliseconds(20),
      sendingsAtOnce: 8,
      ...options.settings,
    },
  });
  const series = new Map((await registry.directory.series()).map((entry) => [entry.pointId, entry.series]));
  const rules = new Map((await registry.ruleState.liveRules()).map((rule) => [rule.id, rule]));
  let cursor = 0;

  /** Commits a step of an alarm with its outbox, as the rules consumer does. */
  const step = async (open: Alarm | null, point: number, rule: string, event: ConditionEvent): Promise<Alarm> => {
    const pointId = `p-${point}` as PointId;
    const change = applyConditionEvent(open, event, {
      rule: rules.get(rule as RuleId)!,
      series: series.get(pointId) as SeriesId,
      pointId,
      recordedAt: clock(),
    });
    if (change === null) throw new Error('nothing changed');
    await registry.ruleState.commit({
      cursor: ++cursor as JournalSequence,
      states: [],
      jointStates: [],
      changes: [change],
      outbox: messagesOf(change.alarm, change.transitions),
    });
    bus.publish('alarm.changed', change);
    return change.alarm;
  };

  return {
    folder,
    registry,
    notifier,
    problems,
    clock,
    pass(ms: number) {
      now += ms;
      notifier.wake();
    },
    async person(id: string, given: Partial<PersonalNotifications> = {}, role: Role = 'operator', agencyId = ENV) {
      const userId = id as UserId;
      await registry
        .as(SYSTEM)
        .users.create(
          { id: userId, loginName: id, displayName: `Người ${id}`, language: 'vi', roles: [{ agencyId, role }] },
          null,
        );
      const { version: _, ...wishes } = withoutNotifications(userId);
      await registry.as(await asPerson(registry, userId)).notifications.mine.set({
        ...wishes,
        email: `${id}@hd.example`,
        subscriptions: [{ id: 's-1' as SubscriptionId, interest: {}, channels: EVERYTHING }],
        version: 0,
        ...given,
      });
      return userId;
    },
    raise: (point: number, severity: Severity = 'major', rule = 'r-1') =>
      step(null, point, rule, { kind: 'activated', at: clock(), severity, value: 61, limit: 50, suspect: false }),
    clear: (alarm: Alarm, point: number, rule = 'r-1') =>
      step(alarm, point, rule, { kind: 'cleared', at: clock(), value: 12, worstValue: 61, suspect: false }),
    /** Correlation has found that these belong together, the first of them the founder; `version` 1: for the first time. */
    async incident(alarms: readonly Alarm[], version = 1, cause: IncidentCause = { kind: 'place', family: 'air' }) {
      const [founder] = alarms as readonly [Alarm, ...Alarm[]];
      const id = `test:${founder.id}` as IncidentId;
      const of = { agencyId: ENV, severity: 'major' as const };
      await registry.incidents.commit({
        ...{ heard: [], merges: [], facts: [], events: [] },
        incidents: [
          {
            ...{ ...of, id, cause, name: null, founder: alarmKey(founder.id), mergedInto: null, version },
            ...{ startedAt: founder.startedAt, endedAt: null, recordedAt: clock() },
          },
        ],
        joined: (version === 1 ? alarms : alarms.slice(1)).map(
          (alarm): IncidentMember => ({
            ...{ ...of, key: alarmKey(alarm.id), incidentId: id, byHand: false, of: { kind: 'alarm', id: alarm.id } },
            ...{ pointId: alarm.pointId, siteId: 's' as SiteId, at: alarm.startedAt, endedAt: null, sign: 'no_data' },
          }),
        ),
      });
    },
    async share(toAgencyId: AgencyId) {
      const grant: SharingGrant = {
        id: 'g',
        agencyId: ENV,
        toAgencyId,
        domain: 'environment',
        siteId: null,
        tag: null,
      };
      await registry.as(SYSTEM).grants.create(grant);
    },
    async close() {
      await notifier.stop();
      await sender.close();
      await bus.close();
      await registry.close();
    },
  };
}
export type ToldCity = Awaited<ReturnType<typeof openToldCity>>;

/** The person as the registry knows them, with all rights of their roles. */
export async function asPerson(registry: Registry, userId: UserId): Promise<Actor> {
  const { roles } = await registry.as(SYSTEM).users.get(userId);
  const agencies = roles.flatMap(({ agencyId }) => (agencyId === null ? [] : [agencyId]));
  return {
    kind: 'person',
    userId,
    access: { readAgencies: agencies, writeAgencies: agencies, grants: [] },
    roles,
  };
}
