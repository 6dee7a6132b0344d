/** Gauges and counters of the parts of the platform, read when `/metrics` is. */
import { Counter, collectDefaultMetrics, Gauge, type Registry as MetricsRegistry } from 'prom-client';
import { DUTIES } from './domain/duties.ts';
import type { PhotoFiles } from './domain/ports/commissioning.ts';
import type { RequestCounts } from './domain/ports/requests.ts';
import type { RetentionStatus } from './domain/retention.ts';
import type { Doors } from './ingest/doors.ts';
import type { DutyHolder } from './ingest/duty-holder.ts';
import type { Ingest } from './ingest/ingest.ts';
import { COUNTERS, type CounterName } from './ingest/metrics.ts';
import { exposeNotifier } from './ingest/notifier/notifier-metrics.ts';
import type { Base } from './main-base.ts';
import type { Doing } from './main-duties.ts';

export interface MeasuredParts {
  readonly base: Base;
  readonly ingest: Ingest;
  readonly doors: Doors | null;
  /** `null` in a process that has no such duty ever. */
  readonly doing: Doing | null;
  readonly photos: PhotoFiles | null;
  /** In a worker that shares duties with others. */
  readonly holder: DutyHolder | null;
}

/** A number that is read when it is asked for. */
type Measured = readonly [name: string, help: string, read: () => number];
/** … by the process that has the duty it is about: elsewhere there is no such number. */
type MeasuredAtTimes = readonly [name: string, help: string, read: () => number | undefined];

export function exposeMetrics(
  metrics: MetricsRegistry,
  { base, ingest, doors, doing, photos, holder }: MeasuredParts,
): void {
  const { journal, bus } = base;
  collectDefaultMetrics({ register: metrics });
  const count = ([name, help, read]: Measured): void => {
    new Counter({
      name,
      help,
      registers: [metrics],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  for (const name of Object.keys(COUNTERS) as CounterName[])
    count([name, COUNTERS[name], () => ingest.metrics.value(name)]);
  for (const [name, help, read] of REQUEST_COUNTERS) count([name, help, () => read(bus.requestCounts())]);
  if (photos) count(['hd_photos_refused_total', 'Pictures refused for want of room', () => photos.status().refused]);
  const gauges: readonly MeasuredAtTimes[] = [
    ...gaugesOfAll(base, ingest),
    ...(doors ? gaugesOfDoors(base, doors) : []),
    ...(photos ? gaugesOfPhotos(photos) : []),
    ...(doing ? gaugesOfDuties(doing, journal) : []),
  ];
  for (const [name, help, read] of gauges) {
    new Gauge({
      name,
      help,
      registers: [metrics],
      collect() {
        const value = read();
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  }
  if (doing) {
    exposeRetention(metrics, () => doing.retention.status());
    exposeNotifier(metrics, () => doing.notifier?.status() ?? null, base.registry.notifications);
  }
  if (holder) exposeShare(metrics, holder);
  new Gauge({
    name: 'hd_journal_depth',
    help: 'Entries a consumer has still to pass',
    labelNames: ['consumer'],
    registers: [metrics],
    collect() {
      for (const [consumer, entries] of Object.entries(journal.status().depth)) this.set({ consumer }, entries);
    },
  });
}

/** What of the duties this worker does. */
function exposeShare(metrics: MetricsRegistry, holder: DutyHolder): void {
  new Gauge({
    name: 'hd_duty_held',
    help: '1 for each duty that this worker does, 0 for each that it does not',
    labelNames: ['duty'],
    registers: [metrics],
    collect() {
      const { holds } = holder.status();
      for (const duty of DUTIES) this.set({ duty }, Number(holds.has(duty)));
    },
  });
  new Counter({
    name: 'hd_duty_moves_total',
    help: 'Duties that this worker has taken, and those that another took from it when it stood still',
    labelNames: ['what'],
    registers: [metrics],
    collect() {
      const { taken, lost } = holder.status();
      this.reset();
      this.inc({ what: 'taken' }, taken);
      this.inc({ what: 'lost' }, lost);
    },
  });
}

const REQUEST_COUNTERS: readonly (readonly [name: string, help: string, read: (counts: RequestCounts) => number])[] = [
  ['hd_bus_questions_total', 'Questions put to the gateways', ({ asked }) => asked],
  ['hd_bus_answers_total', 'Answers of gateways', ({ answered }) => answered],
  ['hd_bus_answers_failed_total', 'Gateways that had no answer to a question', ({ failed }) => failed],
  ['hd_bus_answers_silent_total', 'Gateways that did not answer a question in time', ({ silent }) => silent],
  ['hd_bus_questions_refused_total', 'Questions refused for their size or number', ({ refused }) => refused],
];

/** What retention keeps since when, and has deleted. */
function exposeRetention(metrics: MetricsRegistry, status: () => RetentionStatus): void {
  new Gauge({
    name: 'hd_retention_kept_since_seconds',
    help: 'Instant before which nothing is kept, seconds since 1970, by class of quantities and kind; absent: kept for ever',
    labelNames: ['class', 'kind'],
    registers: [metrics],
    collect() {
      for (const { key, limits } of status().classes) {
        for (const [kind, limit] of Object.entries(limits))
          if (limit !== null) this.set({ class: key, kind }, limit / 1_000);
      }
    },
  });
  new Counter({
    name: 'hd_retention_deleted_total',
    help: 'Readings, hourly and daily values that had outlived their time and were deleted, by class of quantities',
    labelNames: ['class', 'kind'],
    registers: [metrics],
    collect() {
      this.reset();
      for (const { key, deleted } of status().classes) {
        this.inc({ class: key, kind: 'raw' }, deleted.readings);
        this.inc({ class: key, kind: 'hourly' }, deleted.hourlyValues);
        this.inc({ class: key, kind: 'daily' }, deleted.dailyValues);
      }
    },
  });
}

const gaugesOfAll = ({ journal, disk, bus }: Base, ingest: Ingest): readonly Measured[] => [
  ['hd_bus_questions_waiting', 'Questions that wait for answers', () => bus.requestCounts().waiting],
  ['hd_tail_watched_devices', 'Devices whose last messages somebody watches', () => ingest.tail.watchedDevices],
  ['hd_messages_in_flight', 'Messages accepted and not yet durable', () => ingest.pipeline.inFlight],
  ['hd_journal_bytes', 'Bytes in the journal', () => journal.status().bytes],
  ['hd_journal_capacity_bytes', 'Bytes the journal may hold', () => journal.status().capacityBytes],
  ['hd_journal_writable', '1 while the journal takes entries', () => Number(journal.status().writable)],
  ['hd_journal_head', 'Sequence of the newest entry: its slope is how many come', () => journal.head()],
  ['hd_journal_damaged_entries', 'Entries found damaged since start', () => journal.status().damaged],
  ['hd_quarantine_messages', 'Messages held in quarantine', () => ingest.quarantine.status().messages],
  ['hd_quarantine_bytes', 'Bytes held in quarantine', () => ingest.quarantine.status().bytes],
  [
    'hd_quarantine_damaged_messages',
    'Quarantined messages found damaged since start',
    () => ingest.quarantine.status().damagedMessages,
  ],
  [
    'hd_quarantine_evicted_messages',
    'Messages evicted from quarantine since it was made',
    () => ingest.quarantine.status().evictedMessages,
  ],
  ['hd_disk_free_bytes', 'Bytes free on the disk of the data directory', () => disk.use.freeBytes],
  ['hd_disk_total_bytes', 'Bytes of the disk of the data directory', () => disk.use.totalBytes],
  [
    'hd_disk_full',
    '1 while the disk has reached its budget and nothing is acknowledged',
    () => Number(disk.state === 'full'),
  ],
];

const gaugesOfDoors = ({ firmwareFiles }: Base, doors: Doors): readonly Measured[] => [
  ['hd_mqtt_sessions', 'Connected MQTT sessions', () => doors.gateway.sessions],
  ['hd_firmware_downloads_running', 'Downloads of images running', () => doors.firmwareDownloads],
  ['hd_firmware_files_bytes', 'Bytes of the images kept', () => firmwareFiles.status().bytes],
  [
    'hd_firmware_files_capacity_bytes',
    'Bytes that images may have together',
    () => firmwareFiles.status().capacityBytes,
  ],
];

const gaugesOfPhotos = (photos: PhotoFiles): readonly Measured[] => [
  ['hd_photos_bytes', 'Bytes of all pictures kept', () => photos.status().bytes],
  ['hd_photos_capacity_bytes', 'Bytes of pictures there is room for', () => photos.status().capacityBytes],
];

const numberOf = (flag: boolean | undefined): number | undefined => (flag === undefined ? undefined : Number(flag));

const gaugesOfDuties = (doing: Doing, journal: Pick<Base['journal'], 'head'>): readonly MeasuredAtTimes[] => [
  [
    'hd_rules_unjudged_entries',
    'Journal entries that the rules have still to judge: at once, where hd_journal_depth tells what is kept of it once a minute',
    () => (doing.rules ? Math.max(0, journal.head() - doing.rules.status().cursor) : undefined),
  ],
  ['hd_rules_open_alarms', 'Open alarms', () => doing.rules?.status().openAlarms],
  [
    'hd_rules_registry_failing',
    '1 while alarms cannot be written',
    () => numberOf(doing.rules?.status().registryFailing),
  ],
  ['hd_rules_late_series', 'Series with late readings still to be judged', () => doing.rules?.status().lateSeries],
  ['hd_rules_unreadable_entries', 'Journal entries skipped as unreadable', () => doing.rules?.status().undecodable],
  [
    'hd_rules_late_approximate',
    'Late judgements that reached the bound of readings looked back at',
    () => doing.rules?.status().lateApproximate,
  ],
  ['hd_indices_stations', 'Points that have indices', () => doing.indices?.status().stations],
  ['hd_indices_values', 'Values of indices published since start', () => doing.indices?.status().values],
  [
    'hd_indices_touched_hours',
    'Hours with late readings still to be counted',
    () => doing.indices?.status().touchedHours,
  ],
  ['hd_indices_failing', '1 while indices cannot be worked out', () => numberOf(doing.indices?.status().failing)],
  ['hd_indices_unreadable_entries', 'Journal entries skipped as unreadable', () => doing.indices?.status().undecodable],
  ['hd_incidents_open', 'Incidents that are open', () => doing.incidents?.status().openIncidents],
  [
    'hd_incidents_signals',
    'Alarms and lost devices that are held against each other',
    () => doing.incidents?.status().signals,
  ],
  ['hd_incidents_failing', '1 while alarms cannot be put together', () => numberOf(doing.incidents?.status().failing)],
  [
    'hd_retention_failing',
    '1 while the last round of retention failed',
    () => Number(doing.retention.status().failing),
  ],
];
