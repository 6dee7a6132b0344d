import type { Actor } from '../../../domain/access.ts';
import type { SeriesDirectoryEntry } from '../../../domain/asset.ts';
import type { NeighbourTolerance, NeighbourTolerances } from '../../../domain/commissioning.ts';
import type { SeriesId } from '../../../domain/identifiers.ts';
import type { TextKey } from '../../../domain/localized.ts';
import type { LiveBus } from '../../../domain/ports/live-bus.ts';
import { LASTING, type QualitySpan } from '../../../domain/ports/quality-spans.ts';
import type { Registry, RegistryView } from '../../../domain/ports/registry.ts';
import type { TimeSeriesStore } from '../../../domain/ports/time-series-store.ts';
import { QUALITY, UNUSABLE_FROM } from '../../../domain/quality.ts';
import { isAtRest, medianOf, type QualityChecks, type StuckLimit } from '../../../domain/quality-checks.ts';
import type { ReadingColumns } from '../../../domain/reading.ts';
import { type Clock, epochMs } from '../../../domain/time.ts';
import type { RulesLog } from '../rules/rules-settings.ts';
import { DEFAULT_FINDINGS_SETTINGS, type FindingsSettings } from './findings-settings.ts';
import { createNearest } from './nearest.ts';

export interface FindingsConsumerOptions {
  readonly registry: {
    readonly directory: Pick<Registry['directory'], 'series' | 'devices'>;
    readonly verdicts: Pick<Registry['verdicts'], 'counting'>;
    as(actor: Actor): { readonly qualitySpans: Pick<RegistryView['qualitySpans'], 'mark' | 'replace' | 'withdraw'> };
  };
  readonly store: Pick<TimeSeriesStore, 'latest'>;
  readonly bus: LiveBus;
  readonly clock: Clock;
  readonly checks: QualityChecks;
  readonly neighbours: NeighbourTolerances;
  readonly log: RulesLog;
  readonly settings?: Partial<FindingsSettings>;
}

/** The kinds of findings, and what each makes of its readings. */
const FOUND = {
  'finding.stuck': QUALITY.SUSPECT_STUCK,
  'finding.neighbours': QUALITY.SUSPECT_NEIGHBOURS,
} as const;
type Kind = keyof typeof FOUND;

interface Neighbourhood {
  readonly tolerance: NeighbourTolerance;
  /** Nearest first. */
  readonly near: readonly Watched[];
  /** Looks in a row that said otherwise than what is on record. */
  looks: number;
  /** Event time of the first disagreement, and of the last. */
  since: number;
  until: number;
}
interface Watched {
  readonly entry: SeriesDirectoryEntry;
  readonly stuck: StuckLimit | null;
  around: Neighbourhood | null;
  /** The newest usable reading; −∞ when there is none. */
  at: number;
  value: number;
  /** Since when the value has been the same, and how often it was read. */
  sameSince: number;
  sameReadings: number;
  /** The newest reading at which it still was what is on record as stuck. */
  stuckTo: number;
}

/** A finding on record that lasts, or one whose end is to be written. */
type Write =
  | {
      readonly kind: 'open';
      readonly watched: Watched;
      readonly what: Kind;
      readonly from: number;
      readonly text: TextKey;
    }
  | { readonly kind: 'close'; readonly span: QualitySpan; readonly to: number }
  | { readonly kind: 'withdraw'; readonly span: QualitySpan };

const FINDER: Actor = { kind: 'system', name: 'quality checks' };

/**
 * Finds values that stand still and values that neighbours disagree with, and says so in spans of its own: begun when found, ended when over, withdrawn when a late
 * reading shows that nothing stood still. Readings are looked at as they are said on the bus; what a restart misses, the next look finds.
 */
export class FindingsConsumer {
  readonly #options: FindingsConsumerOptions;
  readonly #settings: FindingsSettings;
  #series: (Watched | undefined)[] = [];
  /** Findings on record that last, by kind and series. */
  readonly #open = new Map<string, QualitySpan>();
  /** Stuck spans to be ended or withdrawn, by series. */
  readonly #over = new Map<SeriesId, number | 'withdraw'>();
  #leave: (() => void)[] = [];
  #reload = false;
  #looking: Promise<void> | null = null;
  #failing = false;

  constructor(options: FindingsConsumerOptions) {
    this.#options = options;
    this.#settings = { ...DEFAULT_FINDINGS_SETTINGS, ...options.settings };
  }

  async start(): Promise<void> {
    const { bus, registry, clock } = this.#options;
    await this.#load();
    for (const span of await registry.verdicts.counting(clock())) {
      if (span.finding !== undefined && span.to === LASTING)
        this.#open.set(keyOf(span.finding.key as Kind, span.series), span);
    }
    await this.#recall();
    const timer = setInterval(() => void this.look(), this.#settings.lookEvery);
    timer.unref();
    this.#leave = [
      () => clearInterval(timer),
      bus.subscribe('readings.kept', (columns) => this.#take(columns)),
      ...(['assets.changed', 'events.missed'] as const).map((name) =>
        bus.subscribe(name, () => {
          this.#reload = true;
        }),
      ),
    ];
  }

  async stop(): Promise<void> {
    for (const off of this.#leave.splice(0)) off();
    await this.#looking;
  }

  /** Findings on record that last. */
  get open(): number {
    return this.#open.size;
  }

  /** Compares, and writes what was found since. One look at a time. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #load(): Promise<void> {
    const { registry, checks, neighbours } = this.#options;
    const before = this.#series;
    const [entries, devices] = await Promise.all([registry.directory.series(), registry.directory.devices()]);
    const ofHardware = new Map(
      devices.flatMap(({ channels }) =>
        [...channels.values()].flatMap(({ series, checks: own }) =>
          own?.stuck === undefined ? [] : [[series, own.stuck]],
        ),
      ) as [SeriesId, StuckLimit | null][],
    );
    const series: (Watched | undefined)[] = [];
    for (const entry of entries) {
      const own = ofHardware.get(entry.series);
      const stuck = own === undefined ? (checks.stuck.get(entry.quantity) ?? null) : own;
      if (stuck === null && !neighbours.has(entry.quantity)) continue;
      const known = before[entry.series];
      const fresh = { at: Number.NEGATIVE_INFINITY, value: Number.NaN, sameSince: 0, sameReadings: 0, stuckTo: 0 };
      const { at, value, sameSince, sameReadings, stuckTo } = known ?? fresh;
      series[entry.series] = { entry, stuck, around: null, at, value, sameSince, sameReadings, stuckTo };
    }
    for (const [quantity, tolerance] of neighbours) {
      const comparable = series.flatMap((watched) =>
        watched?.entry.quantity === quantity
          ? [{ id: watched.entry.pointId, location: watched.entry.location, watched }]
          : [],
      );
      const nearest = createNearest(comparable, tolerance.withinMetres, this.#settings.neighboursWatched);
      for (const each of comparable) {
        const near = nearest(each).map((other) => other.watched);
        const { looks = 0, since = 0, until = 0 } = before[each.watched.entry.series]?.around ?? {};
        if (near.length >= this.#settings.neighboursNeeded)
          each.watched.around = { tolerance, near, looks, since, until };
      }
    }
    this.#series = series;
  }

  /** Of series on record as stuck: the value they stood at. */
  async #recall(): Promise<void> {
    const stuck = [...this.#open.values()].filter(({ finding }) => finding?.key === 'finding.stuck');
    if (stuck.length === 0) return;
    const latest = await this.#options.store.latest(stuck.map(({ series }) => series));
    for (let i = 0; i < latest.length; i++) {
      const id = latest.series[i] as SeriesId;
      const watched = this.#series[id];
      if (watched === undefined) continue;
      watched.at = latest.eventTime[i]!;
      watched.value = latest.value[i]!;
      watched.stuckTo = watched.at;
      watched.sameSince = this.#open.get(keyOf('finding.stuck', id))!.from;
      watched.sameReadings = this.#settings.stuckReadings;
    }
  }

  /** Runs for every reading of the city. */
  #take({ length, series, eventTime, value, quality }: ReadingColumns): void {
    for (let i = 0; i < length; i++) {
      const watched = this.#series[series[i]!];
      if (watched === undefined || quality[i]! >= UNUSABLE_FROM) continue;
      const at = eventTime[i]!;
      const v = value[i]!;
      if (at <= watched.at) {
        // It moved in between, after all.
        if (v !== watched.value && at >= watched.sameSince) {
          watched.sameSince = at + 1;
          watched.sameReadings = 1;
          if (this.#open.has(keyOf('finding.stuck', watched.entry.series)))
            this.#over.set(watched.entry.series, 'withdraw');
        }
        continue;
      }
      watched.at = at;
      if (v === watched.value) {
        watched.sameReadings++;
        watched.stuckTo = at;
        continue;
      }
      if (this.#open.has(keyOf('finding.stuck', watched.entry.series)) && !this.#over.has(watched.entry.series))
        this.#over.set(watched.entry.series, watched.stuckTo + 1);
      watched.value = v;
      watched.sameSince = at;
      watched.sameReadings = 1;
      watched.stuckTo = at;
    }
  }

  async #look(): Promise<void> {
    const { log } = this.#options;
    try {
      if (this.#reload) {
        this.#reload = false;
        await this.#load();
      }
      const writes = [...this.#ended(), ...this.#stuck(), ...this.#disagreeing()];
      for (const write of writes.slice(0, this.#settings.writtenPerLook)) await this.#write(write);
      this.#failing = false;
    } catch (error) {
      if (!this.#failing)
        log.warn({ event: 'findings.failing', err: error }, 'findings can’t be recorded now; trying on');
      this.#failing = true;
    }
  }

  *#ended(): Generator<Write> {
    for (const [series, to] of this.#over) {
      const span = this.#open.get(keyOf('finding.stuck', series));
      if (span === undefined) this.#over.delete(series);
      else yield to === 'withdraw' ? { kind: 'withdraw', span } : { kind: 'close', span, to };
    }
  }

  *#stuck(): Generator<Write> {
    for (const watched of this.#series) {
      if (watched?.stuck == null) continue;
      const { stuck, at, sameSince, sameReadings, value, entry } = watched;
      if (at - sameSince < stuck.after || sameReadings < this.#settings.stuckReadings || isAtRest(value, stuck))
        continue;
      if (this.#open.has(keyOf('finding.stuck', entry.series))) continue;
      const hours = Math.round((at - sameSince) / 3_600_000);
      yield {
        kind: 'open',
        watched,
        what: 'finding.stuck',
        from: sameSince,
        text: { key: 'finding.stuck', params: { hours } },
      };
    }
  }

  *#disagreeing(): Generator<Write> {
    const { neighboursAsked, neighboursNeeded, freshFor, looksInARow } = this.#settings;
    const freshFrom = this.#options.clock() - freshFor;
    for (const watched of this.#series) {
      if (watched?.around == null || watched.at < freshFrom) continue;
      const { around, value, at, entry } = watched;
      const near = around.near.filter((other) => other.at >= freshFrom).slice(0, neighboursAsked);
      if (near.length < neighboursNeeded) continue;
      const median = medianOf(near.map((other) => other.value));
      const { absolute, relative } = around.tolerance;
      const disagrees = Math.abs(value - median) > Math.max(absolute, relative * Math.abs(median));
      const span = this.#open.get(keyOf('finding.neighbours', entry.series));
      if (disagrees) around.until = at;
      if (disagrees === (span !== undefined)) {
        around.looks = 0;
        continue;
      }
      if (around.looks++ === 0 && disagrees) around.since = at;
      if (around.looks < looksInARow) continue;
      if (span !== undefined) yield { kind: 'close', span, to: around.until + 1 };
      else {
        const params = { value: rounded(value), median: rounded(median), count: near.length };
        const text = { key: 'finding.neighbours', params };
        yield { kind: 'open', watched, what: 'finding.neighbours', from: around.since, text };
      }
    }
  }

  async #write(write: Write): Promise<void> {
    const { registry, bus } = this.#options;
    const spans = registry.as(FINDER).qualitySpans;
    if (write.kind === 'open') {
      const { watched, what, from, text } = write;
      const { series } = watched.entry;
      const draft = { series, from: epochMs(from), to: LASTING, quality: FOUND[what], reason: '', finding: text };
      this.#open.set(keyOf(what, series), await spans.mark(draft));
      if (watched.around !== null && what === 'finding.neighbours') watched.around.looks = 0;
      bus.publish('quality.changed', { series: [series] });
      return;
    }
    const { span } = write;
    const { series, from, quality, finding } = span;
    try {
      if (write.kind === 'withdraw' || write.to <= from) await spans.withdraw(span.id);
      else
        await spans.replace(span.id, { from, to: epochMs(write.to), quality, reason: '', ...(finding && { finding }) });
    } catch (error) {
      // A person withdrew it before: then there is nothing left to end.
      if ((error as { code?: unknown }).code !== 'NOT_FOUND') throw error;
    }
    this.#open.delete(keyOf(finding!.key as Kind, series));
    if (finding!.key === 'finding.stuck') this.#over.delete(series);
    bus.publish('quality.changed', { series: [series] });
  }
}

const keyOf = (what: Kind, series: SeriesId): string => `${what}|${series}`;
const rounded = (value: number): number => Number(value.toPrecision(4));
