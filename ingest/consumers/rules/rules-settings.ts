import type { Actor } from '../../../domain/access.ts';
import type { Registry, RegistryView } from '../../../domain/ports/registry.ts';
import type { TimeSeriesStore } from '../../../domain/ports/time-series-store.ts';
import { type DurationMs, milliseconds, minutes, seconds } from '../../../domain/time.ts';

export interface RulesSettings {
  /** A series must have been quiet about late readings this long before they are judged. */
  readonly lateQuiet: DurationMs;
  /**
   * States without transitions are kept at most this often, transitions at once: after a crash so much is judged again, to the same end. Judging a minute
   * again takes a second or two; keeping the windows of ten thousand series more often would cost more than judging them.
   */
  readonly keepEvery: DurationMs;
  /** … and while the journal is filling up. */
  readonly keepPressedEvery: DurationMs;
  /** How often silence, staleness and the ends of suppressions are looked at. */
  readonly lookEvery: DurationMs;
  /** How long what is behind a gateway or site is kept quiet after its return. */
  readonly carrierGrace: DurationMs;
  /** Devices and sites are read again at most this often for what hangs on what. */
  readonly placesEvery: DurationMs;
  /** After a commit the registry could not take, and after late readings that could not be read. */
  readonly retryAfter: DurationMs;
  /** Judging without a break for longer would delay what else the process does. */
  readonly judgeAtOnce: DurationMs;
  /** Journal entries read in one go. */
  readonly entriesAtOnce: number;
  /** Slots with new transitions after which judging stops for a commit. */
  readonly changesPerCommit: number;
  /** Series states kept in one commit. */
  readonly statesPerCommit: number;
  /** Readings before a late one that are read at the most; beyond it the judgement is approximate, and counted so. */
  readonly lookbackReadings: number;
}

export const DEFAULT_RULES_SETTINGS: RulesSettings = {
  lateQuiet: minutes(2),
  keepEvery: seconds(60),
  keepPressedEvery: seconds(1),
  lookEvery: seconds(1),
  carrierGrace: minutes(5),
  placesEvery: seconds(10),
  retryAfter: seconds(1),
  judgeAtOnce: milliseconds(4),
  entriesAtOnce: 64,
  changesPerCommit: 256,
  statesPerCommit: 1_000,
  lookbackReadings: 100_000,
};

/** Told what people who run the platform should know. Structured like pino: facts first, then words. */
export interface RulesLog {
  info(facts: object, words: string): void;
  warn(facts: object, words: string): void;
  error(facts: object, words: string): void;
}

/** Numbers since start, and where the consumer stands. */
export interface RulesStatus {
  readonly cursor: number;
  readonly keptCursor: number;
  /** Rule × series pairs judged. */
  readonly watched: number;
  readonly openAlarms: number;
  /** Series with late readings still to be judged. */
  readonly lateSeries: number;
  readonly registryFailing: boolean;
  readonly readings: number;
  readonly late: number;
  readonly repeated: number;
  /** Journal entries that could not be read and were skipped. */
  readonly undecodable: number;
  readonly transitions: number;
  readonly commits: number;
  readonly conflicts: number;
  readonly registryFailures: number;
  readonly lateJudged: number;
  readonly lateApproximate: number;
  readonly lateFailures: number;
}

/** The part of the registry that judging needs. */
export interface RulesRegistry {
  readonly ruleState: Registry['ruleState'];
  readonly directory: Pick<Registry['directory'], 'series' | 'devices'>;
  readonly suppressions: Pick<Registry['suppressions'], 'windows' | 'network'>;
  readonly deviceLog: Pick<Registry['deviceLog'], 'currentStatus'>;
  as(actor: Actor): {
    readonly alarms: Pick<RegistryView['alarms'], 'get'>;
    readonly rules: Pick<RegistryView['rules'], 'create'>;
  };
}
/** The part of the store that judging late readings needs. */
export type RulesStore = Pick<TimeSeriesStore, 'range' | 'stretch' | 'latest' | 'cursor'>;
