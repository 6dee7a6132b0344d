/** Part of the composition root: what is done with readings and alarms once they are durable, as duties that one process has at a time. */
import { randomUUID } from 'node:crypto';
import { correlationSettings } from './config/correlation.ts';
import { publishedIndices } from './config/indices/published.ts';
import { NEIGHBOUR_TOLERANCES } from './config/neighbour-tolerances.ts';
import { QUALITY_CHECKS } from './config/quality-checks.ts';
import { QUANTITY_CATALOGUE } from './config/quantities.ts';
import { KEEPING_ALL, retentionClasses } from './config/retention.ts';
import { keepingOf, SettingsError } from './config/settings.ts';
import type { DutyName } from './domain/duties.ts';
import type { ConsumerName } from './domain/ports/journal.ts';
import type { DutyRoster, WorkerId } from './domain/ports/leases.ts';
import type { Registry } from './domain/ports/registry.ts';
import type { StationFiles } from './domain/ports/station-files.ts';
import { judgedReadings, type VerdictBook } from './domain/quality-verdicts.ts';
import { standardOffset } from './domain/retention.ts';
import { days, minutes, seconds } from './domain/time.ts';
import { localTimeIn } from './domain/time-zone.ts';
import { answerForDuties } from './ingest/answer-for-duties.ts';
import { FindingsConsumer } from './ingest/consumers/findings/findings-consumer.ts';
import type { FollowedVerdicts } from './ingest/consumers/followed-verdicts.ts';
import { IncidentCorrelator } from './ingest/consumers/incidents/incident-correlator.ts';
import { createIndicesConsumer, type IndicesConsumer } from './ingest/consumers/indices/indices-consumer.ts';
import { createRulesConsumer, type RulesConsumer } from './ingest/consumers/rules/rules-consumer.ts';
import { VerdictWatch } from './ingest/consumers/rules/verdict-watch.ts';
import type { Consumer } from './ingest/consumers/store-writer.ts';
import type { Doors } from './ingest/doors.ts';
import { DutyHolder, type DutyPart } from './ingest/duty-holder.ts';
import type { Ingest } from './ingest/ingest.ts';
import type { Notifier } from './ingest/notifier/notifier.ts';
import { decodePayload } from './ingest/readings-codec.ts';
import { createRetention, type Retention } from './ingest/retention.ts';
import { retentionBegins } from './ingest/retention-begin.ts';
import type { StationFilesWork } from './ingest/station-files/station-files.ts';
import {
  createCarriedPresence,
  createRolloutWork,
  createSourceWork,
  createStoreWork,
  type ForeignBroker,
} from './ingest/work.ts';
import type { Base, Part } from './main-base.ts';
import { notice } from './main-notices.ts';

const CONSUMERS_OF: Readonly<Partial<Record<DutyName, readonly ConsumerName[]>>> = {
  store: ['store'],
  rules: ['rules', 'indices'],
};

/** What this process does at the moment, for whoever measures it or asks it something. */
export interface Doing {
  rules: RulesConsumer | null;
  indices: IndicesConsumer | null;
  incidents: IncidentCorrelator | null;
  notifier: Notifier | null;
  stationFiles: StationFilesWork | null;
  /** What is kept since when is known whether it is this process's duty or not. */
  retention: Retention;
}

export interface DutyParts {
  readonly base: Base;
  readonly ingest: Ingest;
  /** The gateway of this process, if it has one. */
  readonly doors: Doors | null;
  readonly notifierOver: (registry: Registry) => Notifier;
  readonly book: VerdictBook;
  /** Keeps the book. */
  readonly verdicts: FollowedVerdicts;
  readonly brokers: readonly ForeignBroker[];
  /** Says new readings on the bus for who looks at them; `null` where that is done anyway. */
  readonly liveState: (() => Consumer) | null;
}

/** Begins a duty anew: what it is made of, to be started in order and stopped in reverse, writing to `registry`. */
export type Begin = (registry: Registry) => readonly DutyPart[];

export interface Duties {
  readonly begin: Readonly<Record<DutyName, Begin>>;
  readonly doing: Doing;
  readonly stationFiles: StationFiles;
}

export function composeDuties({
  base,
  ingest,
  doors,
  notifierOver,
  book,
  verdicts,
  brokers,
  liveState,
}: DutyParts): Duties {
  const { settings, store, journal, traced, bus, clock, log, onError } = base;
  const work = { ...base, ingest };
  const siteTime = localTimeIn(settings.timeZone);

  function rulesOver(registry: Registry): RulesConsumer {
    const judging = registry.as({ kind: 'system', name: 'rules' });
    const judged = judgedReadings(store, (series, from, to) => judging.qualitySpans.list({ series, from, to }));
    return createRulesConsumer({
      journal: traced?.journalOfRules ?? journal,
      registry,
      store: { ...judged, latest: (series) => store.latest(series), cursor: () => store.cursor() },
      bus,
      clock,
      decodePayload: (payload) => book.over(decodePayload(payload).readings),
      staleAfter: ({ quantity }) => QUANTITY_CATALOGUE.get(quantity)?.staleAfter ?? minutes(30),
      log,
      localTime: siteTime,
      settings: {
        lateQuiet: seconds(settings.alarms.lateQuietSeconds),
        carrierGrace: seconds(settings.alarms.carrierGraceSeconds),
      },
    });
  }

  const retentionBegin = retentionBegins(settings.dataDirectory, base.heldReadings, clock());
  if (retentionBegin > clock())
    base.tell(notice('retention.waiting', { days: Math.ceil((retentionBegin - clock()) / days(1)) }));
  const retentionOver = (registry: Registry): Retention => {
    const reading = registry.as({ kind: 'system', name: 'rules' });
    return createRetention({
      store,
      series: () => registry.directory.series(),
      verdictsOn: (series, from, to) => reading.qualitySpans.list({ series, from, to }),
      classes: retentionClasses(keepingOf(settings.retention), settings.store.retentionDays),
      before: { begins: retentionBegin, classes: retentionClasses(KEEPING_ALL, settings.store.retentionDays) },
      catalogue: QUANTITY_CATALOGUE,
      utcOffset: standardOffset(siteTime),
      clock,
      onError: (err) => onError('retention', err),
    });
  };

  let isRetiring = false;
  const doing: Doing = {
    rules: null,
    indices: null,
    incidents: null,
    notifier: null,
    stationFiles: null,
    retention: retentionOver(base.registry),
  };
  /** `doing` names it until it is stopped. */
  const named = <K extends 'incidents' | 'indices' | 'notifier' | 'rules' | 'stationFiles'>(
    key: K,
    part: NonNullable<Doing[K]>,
  ): DutyPart => ({
    async start() {
      doing[key] = part as Doing[K];
      await part.start();
    },
    async stop() {
      await part.stop().finally(() => {
        doing[key] = null as Doing[K];
      });
    },
  });

  const begin: Record<DutyName, Begin> = {
    store: () => [createStoreWork(work, journal, store)],
    rules(registry) {
      const rules = rulesOver(registry);
      const watch = new VerdictWatch({
        registry,
        rules,
        bus,
        book: verdicts,
        retryAfter: seconds(10),
        log,
      });
      const indices = createIndicesConsumer({
        journal,
        registry,
        store,
        bus,
        clock,
        newId: randomUUID,
        definitions: publishedIndices(siteTime),
        offset: siteTime,
        onLoaded: rules.lateDataLoaded,
        log,
      });
      return [
        // Before anything is judged.
        { start: () => verdicts.load(), stop: async () => {} },
        named('rules', rules),
        { start: async () => watch.start(), stop: () => watch.stop() },
        named('indices', indices),
      ];
    },
    incidents(registry) {
      const correlation = correlationSettings({
        radiusM: settings.alarms.incidentRadiusMetres,
        window: minutes(settings.alarms.incidentWindowMinutes),
      });
      return [named('incidents', new IncidentCorrelator({ registry, bus, clock, correlation, log }))];
    },
    notifier: (registry) => [named('notifier', notifierOver(registry))],
    findings(registry) {
      const checks = QUALITY_CHECKS;
      const findings = new FindingsConsumer({
        registry,
        store,
        bus,
        clock,
        checks,
        neighbours: NEIGHBOUR_TOLERANCES,
        log,
      });
      return [
        { start: () => findings.start(), stop: () => findings.stop() },
        ...(liveState === null ? [] : [liveState()]),
      ];
    },
    sources(registry) {
      const presence = doors === null ? createCarriedPresence(work, registry) : null;
      const note = presence?.note ?? doors?.gateway.notePresence;
      const sources = createSourceWork(work, brokers, (device, online) => note?.(device, online));
      return [{ start: async () => {}, stop: async () => presence?.stop() }, sources];
    },
    'station-files': (registry) => [named('stationFiles', ingest.stationFilesOver(registry))],
    rollouts: (registry) => [createRolloutWork(work, registry, settings.http.publicUrl?.replace(/\/+$/, '') ?? null)],
    retention(registry) {
      const retention = retentionOver(registry);
      return [
        {
          async start() {
            doing.retention = retention;
            isRetiring = true;
            await retention.start();
          },
          async stop() {
            await retention.stop();
            isRetiring = false;
          },
        },
      ];
    },
  };

  answerForDuties({
    bus,
    process: ingest.id,
    retention: () => (isRetiring ? doing.retention.status() : null),
    stationFiles: () => doing.stationFiles,
  });
  // Where nobody watches folders it is still what people import files by.
  return { begin, doing, stationFiles: ingest.stationFilesOver(base.registry) };
}

/** The journal hears how far others have passed it, to tell its depth and to trim. */
const passOn = ({ keptJournal }: Base, { passed }: DutyRoster): void => {
  for (const [consumer, sequence] of passed) keptJournal.passed(consumer, sequence);
};

/** Does this worker's share of the duties. */
export function shareDuties(base: Base, { begin }: Duties): DutyHolder {
  const { registry, passed, log } = base;
  return new DutyHolder({
    leases: registry.leases,
    worker: randomUUID() as WorkerId,
    begin: (lease) => begin[lease.duty](registry.during(lease)),
    passedBy: (duty) =>
      (CONSUMERS_OF[duty] ?? []).flatMap((consumer) => {
        const sequence = passed.get(consumer);
        return sequence === undefined ? [] : [[consumer, sequence] as const];
      }),
    onRoster: (roster) => passOn(base, roster),
    log,
  });
}

/** @throws {SettingsError} when workers share the registry: beside them a process that does everything would do it twice. */
export async function refuseBesideWorkers({ registry, close }: Base): Promise<void> {
  const { workers } = await registry.leases.roster();
  if (workers.length === 0) return;
  await close();
  throw new SettingsError(
    `roles: ${workers.length} workers are at work on this registry. Set HD_ROLES to what this process is to do beside them, or stop them first; one that was killed is forgotten after some seconds.`,
  );
}

const ROSTER_EVERY_MS = 1_000;

/** For a process without duties that is asked how far others are. */
export function followRoster(base: Base): Part {
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  const look = (): void => {
    looking = base.registry.leases
      .roster()
      .then((roster) => passOn(base, roster))
      // The next look makes up for it; that the registry is away is told by whoever needs it.
      .catch(() => {});
  };
  return {
    name: 'roster',
    async start() {
      timer = setInterval(look, ROSTER_EVERY_MS).unref();
      look();
      await looking;
    },
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}
