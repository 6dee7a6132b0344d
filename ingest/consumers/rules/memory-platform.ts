import type { Alarm, AlarmTransition } from '../../../domain/alarm.ts';
import { applyWorkStep } from '../../../domain/alarm-machine.ts';
import type { DeviceDirectoryEntry, DeviceStatusChange, SeriesDirectoryEntry } from '../../../domain/asset.ts';
import type { PlatformEvents } from '../../../domain/events.ts';
import type { AgencyId, AlarmId, PointId, RuleId, SeriesId, SiteId } from '../../../domain/identifiers.ts';
import type { Journal, JournalEntry, JournalSequence } from '../../../domain/ports/journal.ts';
import type { EventBus, EventName } from '../../../domain/ports/live-bus.ts';
import { type AlarmWorkStep, type OutboxMessage, RegistryError } from '../../../domain/ports/registry.ts';
import type { QuantityKey } from '../../../domain/quantity.ts';
import { type Reading, toColumns } from '../../../domain/reading.ts';
import type { Condition, Rule } from '../../../domain/rule.ts';
import type { SiteNetworkRows } from '../../../domain/site-network.ts';
import type { SuppressionWindow } from '../../../domain/suppression-window.ts';
import { type EpochMs, epochMs, milliseconds } from '../../../domain/time.ts';
import { decodePayload, encodePayload } from '../../readings-codec.ts';
import { createRulesConsumer, type RulesConsumer, type RulesConsumerOptions } from './rules-consumer.ts';
import type { RulesRegistry, RulesSettings, RulesStore } from './rules-settings.ts';

/**
 * For tests of judging alone: the ports the rules consumer needs, in memory, keeping their promises without a disk. What real ones add
 * (durability, locking, other processes) is tested with the real ones in `test/`.
 */
export function createMemoryPlatform(rules: Rule[], entries: readonly SeriesDirectoryEntry[] = [seriesEntry(1)]) {
  const clock = { now: 1_000_000 };
  const journal = createJournal();
  const bus = createBus();
  const stored = new Map<number, Map<number, Reading>>();
  const registry = createRegistry(rules, entries);
  const store: RulesStore = {
    async range({ series, from, to, limit }) {
      const kept = [...(stored.get(series)?.values() ?? [])].filter((r) => r.eventTime >= from && r.eventTime < to);
      return toColumns(kept.sort((a, b) => a.eventTime - b.eventTime).slice(0, limit));
    },
    async stretch({ series, from, to }) {
      const kept = series.flatMap((id) => [...(stored.get(id)?.values() ?? [])]);
      const found = kept.filter((r) => r.eventTime >= from && r.eventTime < to);
      return { ...toColumns(found.sort((a, b) => a.series - b.series || a.eventTime - b.eventTime)), to };
    },
    async latest(series) {
      const newest = series.flatMap((id) => {
        const kept = [...(stored.get(id)?.values() ?? [])];
        return kept.sort((a, b) => b.eventTime - a.eventTime).slice(0, 1);
      });
      return toColumns(newest);
    },
    cursor: async () => journal.head(),
  };
  const keep = (readings: readonly Reading[]): void => {
    for (const reading of readings) {
      const series = stored.get(reading.series) ?? new Map<number, Reading>();
      stored.set(reading.series, series.set(reading.eventTime, reading));
    }
  };
  return {
    clock,
    journal,
    bus,
    registry,
    store,
    /** Puts readings into the store past the journal. */
    keep,
    /** One message: journal and store take it. */
    async send(...readings: Reading[]): Promise<void> {
      keep(readings);
      const payload = encodePayload({ readings: toColumns(readings), marks: [] });
      await journal.append({ partition: 0, traceId: 't', payload });
    },
    all: (series: number): Reading[] =>
      [...(stored.get(series)?.values() ?? [])].sort((a, b) => a.eventTime - b.eventTime),
    consumer(settings: Partial<RulesSettings> = {}, more: Partial<RulesConsumerOptions> = {}): RulesConsumer {
      return createRulesConsumer({
        journal,
        registry,
        store,
        bus,
        clock: () => epochMs(clock.now),
        decodePayload: (payload) => decodePayload(payload).readings,
        staleAfter: () => milliseconds(60_000),
        log: { info() {}, warn() {}, error() {} },
        settings: { retryAfter: milliseconds(1), lookEvery: milliseconds(1), keepEvery: milliseconds(0), ...settings },
        ...more,
      });
    },
  };
}

export const seriesEntry = (series: number, more: Partial<SeriesDirectoryEntry> = {}): SeriesDirectoryEntry => ({
  series: series as SeriesId,
  quantity: 'water_level' as QuantityKey,
  pointId: `p${series}` as PointId,
  siteId: 's' as SiteId,
  agencyId: 'water' as AgencyId,
  domain: 'water',
  tags: [],
  location: { longitude: 106.68, latitude: 20.86 },
  wardCode: null,
  models: [],
  ...more,
});

export const aRule = (condition: Condition, more: Partial<Rule> = {}): Rule => ({
  id: 'r' as RuleId,
  agencyId: 'water' as AgencyId,
  version: 1,
  name: { vi: 'Mực nước', en: 'Water level' },
  advice: null,
  enabled: true,
  quantity: 'water_level' as QuantityKey,
  selection: {},
  condition,
  clearHold: milliseconds(0),
  judgeSuspect: true,
  endsUnacknowledged: [],
  createdBy: null,
  createdAt: epochMs(0),
  ...more,
});

export const aReading = (eventTime: number, value: number, more: Partial<Reading> = {}): Reading => ({
  series: 1 as SeriesId,
  eventTime: epochMs(eventTime),
  arrivalTime: epochMs(eventTime),
  value,
  quality: 0,
  ...more,
});

function createJournal(): Journal & { writable: boolean } {
  const entries: JournalEntry[] = [];
  const listeners = new Set<() => void>();
  return {
    writable: true,
    async append(entry) {
      const sequence = (entries.length + 1) as JournalSequence;
      entries.push({ ...entry, sequence });
      for (const listener of listeners) listener();
      return sequence;
    },
    read: async (after, limit) => entries.slice(after, after + limit),
    onAppended(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    head: () => entries.length as JournalSequence,
    skipTo() {},
    passed() {},
    status() {
      return {
        writable: this.writable,
        reason: this.writable ? null : 'FULL',
        head: this.head(),
        entries: entries.length,
        bytes: 0,
        capacityBytes: 1,
        depth: { store: 0, rules: 0, live: 0, indices: 0 },
        damaged: 0,
      };
    },
    async close() {},
  };
}

function createBus(): EventBus {
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  return {
    publish(name, payload) {
      for (const listener of listeners.get(name) ?? []) listener(payload as never);
    },
    subscribe(name, listener: (payload: PlatformEvents[typeof name]) => void) {
      const those = listeners.get(name) ?? new Set();
      listeners.set(name, those.add(listener as (payload: never) => void));
      return () => those.delete(listener as (payload: never) => void);
    },
  };
}

function createRegistry(rules: Rule[], entries: readonly SeriesDirectoryEntry[]) {
  const windows: SuppressionWindow[] = [];
  const network = { sites: [], links: [] as SiteNetworkRows['links'][number][] };
  const devices: DeviceDirectoryEntry[] = [];
  const statuses: DeviceStatusChange[] = [];
  const alarms = new Map<AlarmId, Alarm>();
  const histories = new Map<AlarmId, AlarmTransition[]>();
  const states = new Map<SeriesId, Uint8Array>();
  const jointStates = new Map<string, Uint8Array>();
  const outbox = new Map<string, OutboxMessage>();
  let cursor = 0 as JournalSequence;
  const put = (alarm: Alarm, transitions: readonly AlarmTransition[]): void => {
    alarms.set(alarm.id, alarm);
    const history = histories.get(alarm.id) ?? [];
    history.push(...transitions);
    histories.set(alarm.id, history);
  };
  const get = (id: AlarmId): Alarm => {
    const alarm = alarms.get(id);
    if (alarm === undefined) throw new RegistryError('NOT_FOUND', { id });
    return alarm;
  };
  const registry: RulesRegistry = {
    as: () => ({
      alarms: { get: async (id) => get(id) },
      rules: {
        async create(draft) {
          if (rules.some(({ id }) => id === draft.id)) throw new RegistryError('ALREADY_EXISTS', { id: draft.id });
          const rule: Rule = { ...draft, version: 1, createdBy: null, createdAt: epochMs(0) };
          rules.push(rule);
          return rule;
        },
      },
    }),
    directory: { series: async () => entries, devices: async () => devices },
    suppressions: { windows: async () => windows, network: async () => network },
    deviceLog: { currentStatus: async () => statuses },
    ruleState: {
      async load() {
        const openAlarms = [...alarms.values()].filter((a) => a.endedAt === null && a.origin === 'live');
        return {
          cursor,
          states: [...states].map(([series, state]) => ({ series, state })),
          jointStates: [...jointStates].map(([key, state]) => ({ key, state })),
          openAlarms,
        };
      },
      async commit(commit) {
        for (const { alarm, transitions } of commit.changes) {
          const version = alarms.get(alarm.id)?.version ?? 0;
          if (version !== alarm.version - transitions.length) throw new RegistryError('CONFLICT', { id: alarm.id });
        }
        for (const { alarm, transitions } of commit.changes) put(alarm, transitions);
        for (const { series, state } of commit.states) {
          if (state.length === 0) states.delete(series);
          else states.set(series, state);
        }
        for (const { key, state } of commit.jointStates) {
          if (state.length === 0) jointStates.delete(key);
          else jointStates.set(key, state);
        }
        for (const message of commit.outbox) if (!outbox.has(message.id)) outbox.set(message.id, message);
        cursor = commit.cursor;
      },
      liveRules: async () => rules.filter((rule) => rule.enabled),
      occurrences: async (rule, series, from, to) =>
        [...alarms.values()].filter(
          (a) =>
            a.ruleId === rule &&
            (series === null ? a.area !== undefined : a.series === series) &&
            a.startedAt < to &&
            (a.endedAt ?? Number.POSITIVE_INFINITY) >= from,
        ),
    },
  };
  return {
    ...registry,
    windows,
    network,
    devices,
    statuses,
    alarms: (): Alarm[] => [...alarms.values()].sort((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1)),
    history: (id: AlarmId): readonly AlarmTransition[] => histories.get(id) ?? [],
    messages: (): OutboxMessage[] => [...outbox.values()],
    states,
    /** Everything but alarms and their history is lost. */
    forgetJudging(): void {
      states.clear();
      jointStates.clear();
      cursor = 0 as JournalSequence;
    },
    /** A person's step, as the API takes it. */
    work(id: AlarmId, step: AlarmWorkStep, at: EpochMs) {
      const { endsUnacknowledged } = rules[0]!;
      const result = applyWorkStep(get(id), step, { at, recordedAt: at, endsUnacknowledged });
      if (result.ok) put(result.value.alarm, result.value.transitions);
      return result;
    },
  };
}
export type MemoryPlatform = ReturnType<typeof createMemoryPlatform>;
