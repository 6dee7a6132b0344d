import type { ConsumerName, JournalState } from './ports/journal.ts';
import { type DurationMs, type EpochMs, milliseconds, minutes, seconds } from './time.ts';

/** Stages of the way of a reading, in order; the consumers go on from the journal side by side. */
export const PATH_STAGES = [
  'receive',
  'quarantine',
  'journal',
  'store',
  'rules',
  'indices',
  'live',
  'screens',
] as const;
export type PathStage = (typeof PATH_STAGES)[number];

/** What the stages' counters stood at. All counts are since the start of the process. */
export interface PathSample {
  readonly at: EpochMs;
  /** Telemetry messages received. */
  readonly received: number;
  /** Messages of which something went to quarantine. */
  readonly quarantined: number;
  readonly journal: {
    readonly refusal: JournalState | null;
    readonly bytes: number;
    readonly capacityBytes: number;
    /** Entries appended. */
    readonly head: number;
    /** Entries each consumer has still to pass; of those of which this process knows. */
    readonly depth: Readonly<Partial<Record<ConsumerName, number>>>;
  };
  readonly isStoreReachable: boolean;
  readonly liveClients: number;
  readonly framesSent: number;
  /** Beats on which a screen that was behind was sent nothing. */
  readonly framesHeldBack: number;
}

/** `attention`: it flows, and somebody should look; `stuck`: it does not flow. */
export type StageState = 'ok' | 'attention' | 'stuck';

/** What is to be said of a stage, as a text's key with its parameters. */
export type StageFinding =
  | { readonly key: 'silent'; readonly minutes: number }
  | { readonly key: 'much_quarantined'; readonly percent: number }
  | {
      readonly key:
        | 'journal_full'
        | 'disk_full'
        | 'journal_failing'
        | 'journal_unreachable'
        | 'journal_closed'
        | 'store_away';
    }
  | { readonly key: 'journal_filling'; readonly percent: number }
  | { readonly key: 'not_moving'; readonly seconds: number }
  /** Behind, and at this pace it has caught up in so many seconds; `null`: it falls further behind. */
  | { readonly key: 'behind'; readonly seconds: number; readonly caughtUpInSeconds: number | null }
  | { readonly key: 'screens_slow'; readonly percent: number };

export interface StageReport {
  readonly stage: PathStage;
  readonly state: StageState;
  readonly finding: StageFinding | null;
  /** Of the last minute: messages (receive, quarantine), journal entries (journal and consumers), frames (screens); `null` with a single sample, and where nothing is known. */
  readonly perSecond: number | null;
  /** Entries that a consumer has before it, if known; screens that are connected; `null` elsewhere. */
  readonly waiting: number | null;
}

/** Rates are those of this last time: short enough to follow, long enough not to jump. */
export const RATE_SPAN: DurationMs = minutes(1);
const SILENT_AFTER = minutes(5);
const QUARANTINE_SPAN = minutes(5);
/** From this share of messages on, something is wrong with the devices or their models and not with a single message. */
const MUCH_QUARANTINED = 0.05;
const QUARANTINED_AT_LEAST = 20;
const FILLING_FROM = 0.5;
const SLOW_SCREENS = 0.2;
/** Without passing anything for so long a consumer is stuck, whatever its pace is. */
const NOT_MOVING_AFTER = minutes(1);
/** So old may what a consumer has last passed be. Rules keep their place once a minute; indices gather for some seconds. */
const TOLERATED: Readonly<Record<ConsumerName, DurationMs>> = {
  store: seconds(15),
  rules: seconds(150),
  indices: seconds(45),
  live: seconds(10),
};

/** Tells of each stage how it goes. `samples`: ascending in time, at least one; the last is now. */
export function readingPathOf(samples: readonly PathSample[]): readonly StageReport[] {
  return PATH_STAGES.map((stage) => ({ stage, ...reportOf(stage, samples) }));
}

/** How much of what a stage counts it had done at a sample; `null` where this process does not know. */
export function countAt(stage: PathStage, sample: PathSample): number | null {
  switch (stage) {
    case 'receive':
      return sample.received;
    case 'quarantine':
      return sample.quarantined;
    case 'journal':
      return sample.journal.head;
    case 'screens':
      return sample.framesSent;
    default:
      return passedAt(stage, sample);
  }
}

function reportOf(stage: PathStage, samples: readonly PathSample[]): Omit<StageReport, 'stage'> {
  const now = samples.at(-1)!;
  const isKnown = countAt(stage, now) !== null;
  const perSecond = isKnown ? rateOf(samples, RATE_SPAN, (sample) => countAt(stage, sample) ?? 0) : null;
  const said = (state: StageState, finding: StageFinding | null, waiting: number | null) => ({
    state,
    finding,
    perSecond,
    waiting,
  });
  switch (stage) {
    case 'receive': {
      const silence = silenceOf(samples);
      return silence === null
        ? said('ok', null, null)
        : said('attention', { key: 'silent', minutes: Math.floor(silence / minutes(1)) }, null);
    }
    case 'quarantine': {
      const before = sampleBefore(samples, QUARANTINE_SPAN);
      const received = now.received - before.received;
      const quarantined = now.quarantined - before.quarantined;
      const isMuch = quarantined >= QUARANTINED_AT_LEAST && quarantined > received * MUCH_QUARANTINED;
      const percent = Math.round((100 * quarantined) / Math.max(received, quarantined));
      return said(isMuch ? 'attention' : 'ok', isMuch ? { key: 'much_quarantined', percent } : null, null);
    }
    case 'journal': {
      const { refusal, bytes, capacityBytes } = now.journal;
      if (refusal !== null) {
        const key = {
          FULL: 'journal_full',
          DISK_FULL: 'disk_full',
          DISK_FAILING: 'journal_failing',
          UNREACHABLE: 'journal_unreachable',
          CLOSED: 'journal_closed',
        } as const;
        return said('stuck', { key: key[refusal] }, null);
      }
      const isFilling = bytes > capacityBytes * FILLING_FROM;
      const percent = Math.round((100 * bytes) / capacityBytes);
      return said(isFilling ? 'attention' : 'ok', isFilling ? { key: 'journal_filling', percent } : null, null);
    }
    case 'screens': {
      const before = sampleBefore(samples, RATE_SPAN);
      const sent = now.framesSent - before.framesSent;
      const held = now.framesHeldBack - before.framesHeldBack;
      const isSlow = held > (sent + held) * SLOW_SCREENS;
      const percent = Math.round((100 * held) / Math.max(1, sent + held));
      return said(isSlow ? 'attention' : 'ok', isSlow ? { key: 'screens_slow', percent } : null, now.liveClients);
    }
    default: {
      const depth = now.journal.depth[stage] ?? null;
      if (stage === 'store' && !now.isStoreReachable) return said('stuck', { key: 'store_away' }, depth);
      const finding = depth === null || depth === 0 ? null : consumerFinding(stage, samples, depth);
      return said(finding === null ? 'ok' : finding.key === 'not_moving' ? 'stuck' : 'attention', finding, depth);
    }
  }
}

function consumerFinding(consumer: ConsumerName, samples: readonly PathSample[], depth: number): StageFinding | null {
  const now = samples.at(-1)!;
  const passed = now.journal.head - depth;
  const age = now.at - lastAt(samples, (sample) => sample.journal.head <= passed);
  if (age <= TOLERATED[consumer]) return null;
  const standing = now.at - firstAt(samples, (sample) => (passedAt(consumer, sample) ?? passed) >= passed);
  if (standing >= Math.max(NOT_MOVING_AFTER, TOLERATED[consumer])) {
    return { key: 'not_moving', seconds: Math.round(standing / 1_000) };
  }
  const pace = rateOf(samples, RATE_SPAN, (sample) => passedAt(consumer, sample) ?? passed) ?? 0;
  const arriving = rateOf(samples, RATE_SPAN, (sample) => sample.journal.head) ?? 0;
  const gained = pace - arriving;
  const caughtUpInSeconds = gained > 0 ? Math.ceil(depth / gained) : null;
  return { key: 'behind', seconds: Math.round(age / 1_000), caughtUpInSeconds };
}

function passedAt(consumer: ConsumerName, { journal }: PathSample): number | null {
  const depth = journal.depth[consumer];
  return depth === undefined ? null : journal.head - depth;
}

/** Since when nothing has come, if something came before and that is long ago; `null` otherwise. */
function silenceOf(samples: readonly PathSample[]): DurationMs | null {
  const now = samples.at(-1)!;
  if (now.received === 0) return null;
  const since = milliseconds(now.at - firstAt(samples, (sample) => sample.received >= now.received));
  return since >= SILENT_AFTER ? since : null;
}

/** Per second over the last `span`, or as much of it as there is; `null` with one sample alone. */
function rateOf(
  samples: readonly PathSample[],
  span: DurationMs,
  count: (sample: PathSample) => number,
): number | null {
  const now = samples.at(-1)!;
  const before = sampleBefore(samples, span);
  return before === now ? null : Math.max(0, ((count(now) - count(before)) / (now.at - before.at)) * 1_000);
}

/** The newest sample at least `span` old, else the oldest. */
function sampleBefore(samples: readonly PathSample[], span: DurationMs): PathSample {
  const now = samples.at(-1)!;
  return samples.findLast(({ at }) => now.at - at >= span) ?? samples[0]!;
}

/** When the first (last) sample was made that is so; of the oldest when none is. */
const firstAt = (samples: readonly PathSample[], isSo: (sample: PathSample) => boolean): number =>
  (samples.find(isSo) ?? samples[0]!).at;
const lastAt = (samples: readonly PathSample[], isSo: (sample: PathSample) => boolean): number =>
  (samples.findLast(isSo) ?? samples[0]!).at;
