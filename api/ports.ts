import type { Logger } from 'pino';
import type { Registry as MetricsRegistry } from 'prom-client';
import type { CommissioningTerms } from '../domain/commissioning.ts';
import type { DeviceId, GatewayId } from '../domain/identifiers.ts';
import type { Localized } from '../domain/localized.ts';
import type { CodecBench } from '../domain/ports/codec-bench.ts';
import type { PhotoFiles } from '../domain/ports/commissioning.ts';
import type { FirmwareFiles } from '../domain/ports/firmware.ts';
import type { JournalStatus } from '../domain/ports/journal.ts';
import type { LiveBus } from '../domain/ports/live-bus.ts';
import type { NotificationSender } from '../domain/ports/notifications.ts';
import type { Registry } from '../domain/ports/registry.ts';
import type { StationFiles } from '../domain/ports/station-files.ts';
import type { TimeSeriesStore } from '../domain/ports/time-series-store.ts';
import type { CapSchema } from '../domain/ports/warnings.ts';
import type { QuantityCatalogue } from '../domain/quantity.ts';
import type { RetentionStatus } from '../domain/retention.ts';
import type { ReviewFrom } from '../domain/rule-review.ts';
import type { Clock, DurationMs } from '../domain/time.ts';
import { days, hours, minutes, seconds } from '../domain/time.ts';
import type { RandomBytes } from './auth/secrets.ts';
import type { AppSettings } from './contract/map.ts';
import type { SheetLimits } from './sheets/sheet-desk.ts';
import type { PublicBasemap } from './warnings/public-map.ts';

/** Everything the API needs of the rest of the platform. */
export interface ApiPorts {
  /** Whose API it is, among all processes. */
  readonly process: GatewayId;
  readonly registry: Registry;
  readonly store: TimeSeriesStore;
  readonly bus: LiveBus;
  readonly journal: { status(): JournalStatus };
  readonly photos: PhotoFiles;
  readonly firmwareFiles: FirmwareFiles;
  readonly stationFiles: StationFiles;
  /** What is kept since when, where nobody is heard of who retires readings. */
  readonly retention: { status(): RetentionStatus };
  /** Where files of readings lie until they are loaded. */
  readonly exportsFolder: string;
  /** For tests that people send themselves. */
  readonly notifications: NotificationSender;
  readonly codecs: CodecBench;
  /** What a device is held to before somebody signs for it. */
  readonly commissioning: CommissioningTerms;
  /** What public warnings are held against before they leave. */
  readonly capSchema: CapSchema;
  readonly catalogue: QuantityCatalogue;
  /** Keys of the payload formats devices may speak. */
  readonly formats: readonly string[];
  readonly clock: Clock;
  readonly newId: () => string;
  readonly randomBytes: RandomBytes;
  readonly metrics: MetricsRegistry;
  /** What is kept of the city in memory could not be read again. */
  readonly onReloadFailed: (error: unknown) => void;
  readonly log: Logger;
}

/** A folder of files under a path of the site. */
export interface StaticFolder {
  /** `/` or e.g. `/basemap`. */
  readonly path: string;
  readonly folder: string;
  /** Paths that are no file answer with this folder's `index.html`, so that the dashboard's own addresses can be opened. */
  readonly singlePage?: boolean;
  /** Files below these folders have their content's hash in the name: kept by browsers for a year. */
  readonly immutable?: readonly string[];
}

export interface ApiSettings {
  readonly mode: 'demo' | 'serve';
  readonly version: string;
  readonly timeZone: string;
  /** From which severity on a rule needs a second person to go live. */
  readonly ruleReviewFrom: ReviewFrom;
  /** Origin people use, e.g. `https://haidang.example`; https there makes cookies Secure. */
  readonly publicUrl: string | null;
  /** Number of reverse proxies in front whose `X-Forwarded-*` is believed. */
  readonly trustedProxies: number;
  readonly map: AppSettings['map'];
  /** Origins besides our own that the map may fetch from (style host, tiles, glyphs). */
  readonly mapOrigins: readonly string[];
  readonly warnings: {
    /** Host name behind the `@` of the agencies' names as senders of CAP messages. */
    readonly senderDomain: string;
    /** How long a warning stays on the public page and in the feed after its end. */
    readonly shownAfterEnd: DurationMs;
    /** What lies under the areas on the public page; `null`: nothing. */
    readonly basemap: PublicBasemap | null;
  };
  readonly demoAccounts:
    | readonly { readonly loginName: string; readonly password: string; readonly title: Localized }[]
    | null;
  /** Labels of the demo's stock, to be tried. */
  readonly demoStock: readonly { readonly deviceId: DeviceId; readonly code: string }[] | null;
  readonly staticFolders: readonly StaticFolder[];
  readonly limits: ApiLimits;
}

/** Every bound of the API, with what happens when it is reached. */
export interface ApiLimits extends SheetLimits {
  /** JSON bodies above this are refused with BODY_TOO_LARGE. */
  readonly bodyBytes: number;
  /** Uploaded files above this are refused with BODY_TOO_LARGE. */
  readonly uploadBytes: number;
  /** Pictures above this are refused with BODY_TOO_LARGE, those of longer sides with PHOTO_UNREADABLE. */
  readonly photoBytes: number;
  readonly photoPixels: number;
  /** Pictures of one device; more are refused with PHOTOS_FULL. */
  readonly photosPerDevice: number;
  /** Rows of an imported sheet; longer ones are refused with IMPORT_UNREADABLE. */
  readonly importRows: number;
  /** Wrong claim codes for one device, and by one person, then TOO_MANY_REQUESTS until the window is over. */
  readonly claimTriesPerDevice: number;
  readonly claimTriesPerPerson: number;
  readonly claimWindow: DurationMs;
  /** Codecs tried out by one person within a minute; more are refused with TOO_MANY_REQUESTS. */
  readonly codecTriesPerMinute: number;
  /** A session ends this long after signing in. */
  readonly sessionLifetime: DurationMs;
  /** Wrong passwords for one account from one address, then TOO_MANY_REQUESTS until the window is over. */
  readonly loginTriesPerAccountAndAddress: number;
  /** The same for one account from everywhere, and for one address over all accounts. */
  readonly loginTriesPerAccount: number;
  readonly loginTriesPerAddress: number;
  readonly loginWindow: DurationMs;
  /** Accounts and addresses remembered for those three; the oldest are forgotten first. */
  readonly loginKeysRemembered: number;
  /** Codes of wall screens tried from one address in the window of logins; more are refused with TOO_MANY_REQUESTS. */
  readonly displayCodeTries: number;
  /** Queries to the store at once; more wait, in order. */
  readonly queriesAtOnce: number;
  /** Queries waiting; more are refused with TOO_MANY_REQUESTS. */
  readonly queriesWaiting: number;
  /** Looks at the city's past at once; more wait, in order. */
  readonly replaysAtOnce: number;
  /** Looks waiting; more are refused with TOO_MANY_REQUESTS. */
  readonly replaysWaiting: number;
  /** How old a reading may be to stand for its series at a past moment. */
  readonly replayLookback: DurationMs;
  /** Open alarms that a past moment is judged by; the worst and newest stay. */
  readonly replayAlarms: number;
  /** Changes of alarms, and of devices, told in one answer; it then ends earlier, and the client goes on from there. */
  readonly replayChanges: number;
  /** An alarm is shelved for so long at the most. */
  readonly shelveAtMost: DurationMs;
  /** So long before its end the owner of maintenance is reminded. */
  readonly suppressionReminder: DurationMs;
  /** How often it is looked whether one is to be reminded. */
  readonly suppressionLookEvery: DurationMs;
  /** Unanswered commands of one device; more are refused with COMMANDS_WAITING. */
  readonly commandsWaitingPerDevice: number;
  /** Browsers a person may have pushed to, and secrets a webhook may sign with; more are refused with NOTIFICATION_LIMIT. */
  readonly browsersPerPerson: number;
  readonly signingKeysPerWebhook: number;
  /** Open alarms, devices and windows that a handover names; all are counted. */
  readonly shiftListed: number;
  /** Entries of alarms, and of each other kind, in a shift's log; the oldest are left out and counted. */
  readonly shiftLogAlarms: number;
  readonly shiftLogOthers: number;
  /** Records one person may send in the window of notification tests; more are refused with TOO_MANY_REQUESTS. */
  readonly handoverMails: number;
  /** Tests one person may send in the window; more are refused with TOO_MANY_REQUESTS. */
  readonly notificationTests: number;
  readonly notificationTestWindow: DurationMs;
  /** Messages listed with an alarm, newest first; all are counted in the log. */
  readonly messagesPerAlarmListed: number;
  /** Exports waiting and being written; more are refused with TOO_MANY_REQUESTS. */
  readonly exportsUnfinished: number;
  readonly exportsUnfinishedPerPerson: number;
  /** Exports of one person, and bytes of all of them; beyond either orders are refused with EXPORTS_FULL. */
  readonly exportsKeptPerPerson: number;
  readonly exportsBytes: number;
  /** Rows of one export; orders of more are refused with QUERY_TOO_LARGE. */
  readonly exportRows: number;
  /** Then the file is removed. */
  readonly exportsKeep: DurationMs;
  /** Uploaded station files above this are refused with BODY_TOO_LARGE. */
  readonly stationFileBytes: number;
  /** Backtests at once; more wait, in order. One at a time leaves the other core to the readings that come. */
  readonly backtestsAtOnce: number;
  /** Backtests waiting and running; more are refused with TOO_MANY_REQUESTS. */
  readonly backtestsUnfinished: number;
  /** Backtests whose results are kept; the oldest is forgotten first. */
  readonly backtestsKept: number;
  /** Alarms listed one by one in a backtest's report; all are counted. */
  readonly backtestAlarmsListed: number;
  /** Answers kept for `Idempotency-Key`; the oldest is forgotten first. */
  readonly idempotencyKeys: number;
  /** A larger answer is not kept: sent again, such a request is done again. */
  readonly idempotencyAnswerBytes: number;
  readonly idempotencyWindow: DurationMs;
  /** Live connections; more are refused. */
  readonly liveClients: number;
  readonly liveFramesPerSecond: number;
  /** A frame at least this often, changes or none. */
  readonly liveHeartbeat: DurationMs;
  /** Open alarms in one snapshot; the worst and newest stay. */
  readonly liveSnapshotAlarms: number;
  /** Alarms given to a line that is not draining; then the client gets a snapshot instead. */
  readonly liveAlarmsUndrained: number;
  /** Frames sent to a client that acknowledges, before one is acknowledged. */
  readonly liveFramesUnacknowledged: number;
  /** Points of a city that a screen is given whole: with more it asks for what it shows. */
  readonly livePointsWhole: number;
  /** How often a live connection's session and rights are looked up again. */
  readonly liveAccessRecheck: DurationMs;
  /** Public warnings listed for everybody; the oldest drop out first. */
  readonly publicWarnings: number;
  /** Requests of one address for public warnings within the window; more are refused with TOO_MANY_REQUESTS. */
  readonly publicRequestsPerAddress: number;
  readonly publicWindow: DurationMs;
}

export const DEFAULT_API_LIMITS: ApiLimits = {
  bodyBytes: 1_048_576,
  uploadBytes: 16_777_216,
  photoBytes: 2_097_152,
  photoPixels: 4_096,
  photosPerDevice: 100,
  importRows: 50_000,
  sheetMilliseconds: 60_000,
  sheetMegabytes: 512,
  sheetsUnfinished: 5,
  claimTriesPerDevice: 10,
  claimTriesPerPerson: 30,
  claimWindow: minutes(15),
  codecTriesPerMinute: 120,
  sessionLifetime: days(1),
  loginTriesPerAccountAndAddress: 10,
  loginTriesPerAccount: 100,
  loginTriesPerAddress: 100,
  loginWindow: minutes(15),
  loginKeysRemembered: 50_000,
  displayCodeTries: 20,
  queriesAtOnce: 8,
  queriesWaiting: 256,
  replaysAtOnce: 2,
  replaysWaiting: 64,
  replayLookback: hours(24),
  replayAlarms: 50_000,
  replayChanges: 20_000,
  shelveAtMost: days(7),
  suppressionReminder: minutes(15),
  suppressionLookEvery: seconds(15),
  commandsWaitingPerDevice: 50,
  browsersPerPerson: 10,
  signingKeysPerWebhook: 4,
  shiftListed: 200,
  shiftLogAlarms: 1_000,
  shiftLogOthers: 500,
  handoverMails: 40,
  notificationTests: 20,
  notificationTestWindow: minutes(10),
  messagesPerAlarmListed: 200,
  exportsUnfinished: 20,
  exportsUnfinishedPerPerson: 5,
  exportsKeptPerPerson: 50,
  exportsBytes: 10_737_418_240,
  exportRows: 50_000_000,
  exportsKeep: days(3),
  stationFileBytes: 1_048_576,
  backtestsAtOnce: 1,
  backtestsUnfinished: 20,
  backtestsKept: 100,
  backtestAlarmsListed: 2_000,
  idempotencyKeys: 5_000,
  idempotencyAnswerBytes: 1_048_576,
  idempotencyWindow: hours(24),
  liveClients: 2_000,
  liveFramesPerSecond: 4,
  liveHeartbeat: seconds(2),
  liveSnapshotAlarms: 5_000,
  liveAlarmsUndrained: 256,
  liveFramesUnacknowledged: 2,
  livePointsWhole: 5_000,
  liveAccessRecheck: seconds(30),
  publicWarnings: 200,
  publicRequestsPerAddress: 120,
  publicWindow: minutes(1),
};
