import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { withdraw } from '../../../domain/alarm-machine.ts';
import type { SeriesDirectoryEntry } from '../../../domain/asset.ts';
import { isCarrierRule } from '../../../domain/carrier.ts';
import type { SeriesId } from '../../../domain/identifiers.ts';
import type { ChangedReadings } from '../../../domain/ports/index-work.ts';
import {
  JOURNAL_START,
  type Journal,
  type JournalEntry,
  type JournalSequence,
  whenUnavailable,
} from '../../../domain/ports/journal.ts';
import type { EventBus } from '../../../domain/ports/live-bus.ts';
import { LASTING } from '../../../domain/ports/quality-spans.ts';
import type { ReadingColumns } from '../../../domain/reading.ts';
import { RECENT_READINGS_MAX } from '../../../domain/recent-readings.ts';
import type { Rule } from '../../../domain/rule.ts';
import type { ConditionEvent } from '../../../domain/rule-evaluation.ts';
import { type Clock, type DurationMs, type EpochMs, epochMs } from '../../../domain/time.ts';
import { type UtcOffset, VIETNAM_TIME } from '../../../domain/time-zone.ts';
import { CarrierWatch } from './carrier-watch.ts';
import { type JudgedCounts, judgeReadings } from './judge-readings.ts';
import { LateQueue } from './late-queue.ts';
import { lookAtTime } from './passing-of-time.ts';
import { PendingChanges } from './pending-changes.ts';
import { isOfThePast } from './present.ts';
import { QuietScopes } from './quiet-scopes.ts';
import { RegistryWriter } from './registry-writer.ts';
import {
  DEFAULT_RULES_SETTINGS,
  type RulesLog,
  type RulesRegistry,
  type RulesSettings,
  type RulesStatus,
  type RulesStore,
} from './rules-settings.ts';
import { decodeJointState, decodeSeriesState } from './series-state-codec.ts';
import { jointKey, type RuleSlot, SeriesTable } from './series-table.ts';
import { rebuild, restoreAlarms, restoreJoint, restoreSeries } from './slot-building.ts';

export interface RulesConsumerOptions {
  readonly journal: Omit<Journal, 'append' | 'close'>;
  readonly registry: RulesRegistry;
  readonly store: RulesStore;
  readonly bus: EventBus;
  readonly clock: Clock;
  /** Readings of a journal entry; throws when it can't be read: the entry is then skipped and counted. */
  readonly decodePayload: (payload: Uint8Array) => ReadingColumns;
  /** After how long without a reading an open alarm's data counts as silent. */
  readonly staleAfter: (series: SeriesDirectoryEntry) => DurationMs;
  readonly log: RulesLog;
  /** The site's clock, for rules with active times. Absent: Việt Nam's. */
  readonly localTime?: UtcOffset;
  readonly settings?: Partial<RulesSettings>;
}

export interface RulesConsumer {
  /** Loads rules, series and states, and judges from where it left off; resolves when it watches. */
  start(): Promise<void>;
  /** Keeps what is judged and stops. A registry that fails holds nothing up: what is not kept is judged again at the next start. */
  stop(): Promise<void>;
  /** Readings of the series from `from` to `to` (inclusive) were put into the store past the journal: to be judged as late. */
  lateDataLoaded(spans: readonly { readonly series: SeriesId; readonly from: EpochMs; readonly to: EpochMs }[]): void;
  /**
   * Readings of these spans, from inclusive, to exclusive, count differently by a verdict, and do so already in what `decodePayload` and the store give.
   * They are judged again, and live goes on from what is found. Resolves when that is recorded; false when it is still to be done.
   */
  verdictsChanged(spans: readonly ChangedReadings[]): Promise<boolean>;
  /** Judges all late readings now instead of waiting for quiet, as at an import's end. */
  settleLate(): Promise<void>;
  status(): RulesStatus;
}

/** Readings may go on arriving while the past is judged again; beyond this, later. */
const VERDICT_ROUNDS = 5;

/** Rules whose condition is judged by readings, or by their absence. */
const judged = (rules: readonly Rule[]): readonly Rule[] => rules.filter((rule) => !isCarrierRule(rule));

/** Filled so far, the journal needs room soon. */
const PRESSED_SHARE = 0.5;
const MESSAGE_OF_RELOAD = 'rules or series could not be loaded; judging by those of before, trying on';

/**
 * Reads the journal after its own cursor and judges every reading by the rules of its series. Alarms, their history and what is to be
 * told leave in one registry commit with the state they came from, so that a kill at any moment neither doubles nor loses one. Works in
 * short runs between which everything else in the process gets its turn, and never holds up the journal.
 */
export function createRulesConsumer(options: RulesConsumerOptions): RulesConsumer {
  const { journal, registry, store, bus, clock, decodePayload, staleAfter, log, localTime = VIETNAM_TIME } = options;
  const settings = { ...DEFAULT_RULES_SETTINGS, ...options.settings };
  const table = new SeriesTable();
  const quiet = new QuietScopes(new CarrierWatch(table, localTime, settings.carrierGrace));
  const pending = new PendingChanges(table, quiet);
  /** Of the entry whose readings are to be judged once all instants before its arrival are. */
  let opened: {
    readonly sequence: JournalSequence;
    readonly readings: ReadingColumns;
    readonly arrived: number;
  } | null = null;
  const counts: JudgedCounts & { undecodable: number } = { readings: 0, late: 0, repeated: 0, undecodable: 0 };
  const atRestTasks: (() => void)[] = [];
  const leave: (() => void)[] = [];
  let writer = new RegistryWriter({ registry, bus, table, pending, settings, log }, JOURNAL_START);
  let cursor: JournalSequence = JOURNAL_START;
  /** Entries up to here may have been judged by some kept states already. */
  let replayUntil = 0;
  let readyAt: EpochMs;
  let lookDue = false;
  let keptAt = 0;
  let reloadWanted = false;
  let devicesChanged = false;
  /** Rules select by what changes with the devices. */
  let selectsByModel = false;
  /** The next look at the time loads again. */
  let reloadFailed = false;
  /** What hides alarms is to be read again: windows at once, devices and sites before long. */
  let quietStale: 'no' | 'soon' | 'now' = 'no';
  let quietLoadedAt = 0;
  let isPressed = false;
  let pressedAskedAt = Number.NEGATIVE_INFINITY;
  let rulesInForce: readonly Rule[] = [];
  let stopped = true;
  let running: Promise<void> | null = null;
  let again = false;
  let scheduled = false;

  const wake = (): void => {
    if (stopped || scheduled) return;
    if (running !== null) {
      again = true;
      return;
    }
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      if (stopped) return;
      running = run()
        .catch((error: unknown) => log.error({ event: 'rules.unexpected', err: error }, 'judging stopped unexpectedly'))
        .finally(() => {
          running = null;
          if (again) {
            again = false;
            wake();
          }
        });
    });
  };

  /** Runs `task` when all is judged and nothing waits to be committed: states and occurrences fit each other. Rejects when stopped. */
  const atRest = <T>(task: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      if (stopped) reject(new Error('the rules consumer is not running'));
      atRestTasks.push(() => {
        if (stopped) reject(new Error('the rules consumer was stopped'));
        else {
          try {
            resolve(task());
          } catch (error) {
            reject(error);
          }
        }
      });
      wake();
    });

  const late = new LateQueue({ table, pending, store, registry, clock, settings, log, atRest, cursor: () => cursor });

  /** Of the entry whose readings are being judged; `null` while time alone passes. */
  let judging: string | null = null;
  const onEvent = (slot: RuleSlot, event: ConditionEvent): void => pending.addEvent(slot, event, clock(), judging);

  /** Judges for a short while. `end`: nothing was left to read when this was called; `away`: the journal gives nothing at the moment. */
  async function judge(): Promise<'more' | 'end' | 'away'> {
    const until = performance.now() + settings.judgeAtOnce;
    const timeUp = (): boolean => performance.now() >= until || pending.size >= settings.changesPerCommit;
    do {
      const entries = await journal.read(cursor, settings.entriesAtOnce).catch(whenUnavailable);
      if (entries === null) return 'away';
      if (entries.length === 0) return 'end';
      // Readings of a new series, or those that a new rule is to judge, may have come in the meantime, after what announced them.
      if (reloadWanted) return 'more';
      for (const entry of entries) {
        try {
          if (opened?.sequence !== entry.sequence) opened = openEntry(entry);
          // What is due before this arrived is judged without it, however often the journal is read.
          if (!table.joint.advance(opened.arrived, timeUp, onEvent)) return 'more';
          judging = entry.traceId;
          judgeReadings(table, opened.readings, entry.sequence, entry.sequence <= replayUntil, counts, onEvent);
        } catch (error) {
          counts.undecodable++;
          const { sequence, traceId } = entry;
          log.error({ event: 'rules.entry_unreadable', sequence, traceId, err: error }, 'journal entry skipped');
        } finally {
          judging = null;
        }
        cursor = entry.sequence;
        if (pending.size >= settings.changesPerCommit) return 'more';
      }
    } while (performance.now() < until);
    return 'more';
  }

  function openEntry({ sequence, payload }: JournalEntry): NonNullable<typeof opened> {
    const readings = decodePayload(payload);
    let arrived = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < readings.length; i++) arrived = Math.max(arrived, readings.arrivalTime[i]!);
    return { sequence, readings, arrived };
  }

  async function run(): Promise<void> {
    for (;;) {
      if (reloadWanted || (lookDue && (reloadFailed || (devicesChanged && selectsByModel)))) await reload();
      // Those that ask for rest while the journal is read may know of entries that came after what is read.
      const resting = atRestTasks.length;
      const how = await judge();
      const caughtUp = how === 'end';
      // What is not heard of meanwhile is not the sensors' silence.
      if (how === 'away') readyAt = clock();
      if (pending.size === 0 && caughtUp && lookDue) {
        lookDue = false;
        const now = clock();
        if (!journal.status().writable) readyAt = now;
        // In a quiet city nothing arrives to say that an instant is over.
        while (!table.joint.advance(now, () => pending.size >= settings.changesPerCommit, onEvent)) {
          if (!(await writer.writeChanges(cursor))) return;
        }
        if (quietStale !== 'no') await loadQuiet(now);
        quiet.carriers.look(now, readyAt, onEvent);
        lookAtTime({ table, pending, staleAfter }, now, readyAt);
        quiet.lookAt(table, pending, now);
        late.startDue(now);
      }
      if (pending.size > 0 && !(await writer.writeChanges(cursor))) return;
      if (writer.keeping || keepDue()) {
        if (!(await writer.keepStates(cursor))) return;
        if (!writer.keeping) {
          keptAt = performance.now();
          journal.passed('rules', writer.keptCursor);
        }
      }
      if (caughtUp && pending.size === 0) for (const task of atRestTasks.splice(0, resting)) task();
      if (caughtUp && pending.size === 0 && !writer.keeping) return;
      if (stopped || how === 'away') return;
      await nextTurn();
    }
  }

  const keepDue = (): boolean => {
    const since = performance.now() - keptAt;
    return (
      (since >= settings.keepEvery || (since >= settings.keepPressedEvery && isJournalPressed())) &&
      (cursor > writer.keptCursor || table.dirtyList.length > 0 || table.joint.dirty.size > 0)
    );
  };

  /** A journal that fills up can only make room for what this consumer has passed. Asked for now and then: its answer costs as much as judging some readings. */
  function isJournalPressed(): boolean {
    const now = performance.now();
    if (now >= pressedAskedAt + settings.keepPressedEvery) {
      pressedAskedAt = now;
      const { bytes, capacityBytes } = journal.status();
      isPressed = bytes > capacityBytes * PRESSED_SHARE;
    }
    return isPressed;
  }

  async function reload(): Promise<void> {
    reloadWanted = false;
    devicesChanged = false;
    try {
      const [rules, directory] = await Promise.all([registry.ruleState.liveRules(), registry.directory.series()]);
      selectsByModel = rules.some(({ selection }) => selection.models !== undefined);
      rulesInForce = rules;
      if (quietStale === 'no') quietStale = 'soon';
      const { gone, unwatched } = rebuild(table, judged(rules), directory, localTime);
      for (const slot of gone) {
        const at = clock();
        pending.add(slot, (alarm) => (alarm?.endedAt === null ? withdraw(alarm, at) : null));
      }
      writer.forget(unwatched);
      writer.forgetJoint(
        gone.flatMap(({ part, compiled, entry }) =>
          part === null ? [] : [jointKey(compiled.rule.id, part.scope.kind === 'area' ? null : entry.pointId)],
        ),
      );
      await hearFromStore();
      reloadFailed = false;
    } catch (error) {
      if (!reloadFailed) log.error({ event: 'rules.reload_failing', err: error }, MESSAGE_OF_RELOAD);
      reloadFailed = true;
    }
  }

  /** Those that hide alarms stay as they were when they can't be read: a look later they are tried again. */
  async function loadQuiet(now: EpochMs): Promise<void> {
    if (quietStale === 'soon' && now < quietLoadedAt + settings.placesEvery) return;
    try {
      quietStale = 'no';
      const { gone, made } = await quiet.load(registry, bus, rulesInForce, now);
      rulesInForce = [...rulesInForce, ...made];
      for (const slot of gone) {
        pending.add(slot, (alarm) => (alarm?.endedAt === null ? withdraw(alarm, now) : null));
      }
      quietLoadedAt = now;
    } catch (error) {
      quietStale = 'now';
      log.error({ event: 'rules.suppressions_failing', err: error }, 'what hides alarms could not be loaded');
    }
  }

  /** A silence rule on a series the consumer has not heard yet: the store knows when it was last heard. */
  async function hearFromStore(): Promise<void> {
    const unheard = table.silent
      .map((slot) => slot.entry.series)
      .filter((series) => table.heardAt[series] === Number.NEGATIVE_INFINITY);
    if (unheard.length === 0) return;
    const latest = await store.latest(unheard);
    for (let i = 0; i < latest.length; i++) {
      const series = latest.series[i]!;
      const arrived = latest.arrivalTime[i]!;
      if (!isOfThePast(latest.eventTime[i]!, arrived))
        table.heardAt[series] = Math.max(table.heardAt[series]!, arrived);
    }
  }

  async function load(): Promise<void> {
    const [loaded, rules, directory] = await Promise.all([
      registry.ruleState.load(),
      registry.ruleState.liveRules(),
      registry.directory.series(),
    ]);
    selectsByModel = rules.some(({ selection }) => selection.models !== undefined);
    rulesInForce = rules;
    rebuild(table, judged(rules), directory, localTime);
    const unwatched: number[] = [];
    for (const { series, state } of loaded.states) {
      if (table.valueSlots[series] === undefined) {
        unwatched.push(series);
        continue;
      }
      try {
        restoreSeries(table, series, decodeSeriesState(state));
      } catch (error) {
        log.warn({ event: 'rules.state_unreadable', series, err: error }, 'a series is judged anew');
      }
    }
    const unwanted: string[] = [];
    for (const { key, state } of loaded.jointStates) {
      try {
        const beat = table.joint.beats.get(key);
        if (beat !== undefined) beat.next = new DataView(state.buffer, state.byteOffset).getFloat64(0, true);
        else if (key.startsWith('beat:') || !restoreJoint(table, key, decodeJointState(state))) unwanted.push(key);
      } catch (error) {
        log.warn({ event: 'rules.state_unreadable', key, err: error }, 'a rule over several series is judged anew');
      }
    }
    cursor = loaded.cursor;
    if (cursor > journal.head()) {
      // The journal has lost its end (it was damaged, or is another one): what it still holds is judged already.
      log.warn({ event: 'rules.journal_cut', cursor, head: journal.head() }, 'the journal ends before what is judged');
      journal.skipTo(cursor);
    }
    replayUntil = table.judgedThrough.reduce((most, sequence) => Math.max(most, sequence), 0);
    writer = new RegistryWriter({ registry, bus, table, pending, settings, log }, cursor);
    writer.forget(unwatched);
    writer.forgetJoint(unwanted);
    await quiet.start(registry, clock());
    rulesInForce = [...rules, ...(await quiet.load(registry, bus, rules, clock())).made];
    for (const orphan of restoreAlarms(table, loaded.openAlarms)) {
      const at = clock();
      pending.addElsewhere(orphan.id, orphan, (alarm) => (alarm?.endedAt === null ? withdraw(alarm, at) : null));
    }
    await hearFromStore().catch((error: unknown) => {
      reloadFailed = true;
      log.warn({ event: 'rules.store_silent', err: error }, 'when series were last heard is not known yet');
    });
  }

  return {
    async start() {
      await load();
      stopped = false;
      readyAt = clock();
      const looking = setInterval(() => {
        lookDue = true;
        wake();
      }, settings.lookEvery);
      looking.unref();
      const reloadSoon = (): void => {
        reloadWanted = true;
        wake();
      };
      leave.push(
        () => clearInterval(looking),
        journal.onAppended(wake),
        bus.subscribe('rule.changed', () => {
          quietStale = 'now';
          reloadSoon();
        }),
        bus.subscribe('assets.changed', reloadSoon),
        bus.subscribe('events.missed', () => {
          quietStale = 'now';
          reloadSoon();
        }),
        bus.subscribe('suppression.changed', () => {
          quietStale = 'now';
        }),
        bus.subscribe('device.changed', () => {
          if (quietStale === 'no') quietStale = 'soon';
        }),
        bus.subscribe('device.status', ({ deviceId, online, at }) => quiet.carriers.heard(deviceId, online, at)),
        bus.subscribe('device.changed', () => {
          // A device swapped moves what rules select by model. Imports change thousands: once at the next look is enough.
          devicesChanged = true;
        }),
        bus.subscribe('alarm.changed', ({ alarm }) => {
          const slot = alarm.origin === 'live' ? table.slotOfAlarm(alarm) : undefined;
          if (slot !== undefined) table.adopt(slot, alarm);
        }),
      );
      wake();
    },

    async stop() {
      if (stopped) return;
      for (const off of leave.splice(0)) off();
      stopped = true;
      writer.stop();
      late.stop();
      await running;
      for (const task of atRestTasks.splice(0)) task();
      await late.idle();
      // A last round, so that the next start has nothing to judge again; a failing registry is not waited for.
      do {
        if (!(await writer.keepStates(cursor))) return;
      } while (writer.keeping);
      journal.passed('rules', writer.keptCursor);
    },

    lateDataLoaded(spans) {
      for (const { series, from, to } of spans) {
        table.joint.touchedBetween(series, from, to, clock());
        if ((table.valueSlots[series]?.length ?? 0) === 0) continue;
        table.touch(series, from, to, clock());
        table.markDirty(series);
      }
      wake();
    },

    async verdictsChanged(spans) {
      const series = [...new Set(spans.map((span) => span.series))].filter(
        (id) => table.valueSlots[id] !== undefined || table.joint.inputs[id] !== undefined,
      );
      if (series.length === 0) return true;
      // What is judged already is to be read back from the store.
      for (const judged = cursor; (await store.cursor()) < judged; ) await pause(settings.retryAfter);
      const known = await store.latest(series);
      const recent = new Map<SeriesId, ReadingColumns>();
      for (const id of series) {
        const input = table.joint.inputs[id];
        if (input === undefined) continue;
        const from = epochMs(Math.max(0, table.joint.arrivedTo - input.keepMs));
        recent.set(id, await store.range({ series: id, from, to: LASTING, limit: RECENT_READINGS_MAX }));
      }
      // By now all that the store gave is judged.
      await atRest(() => {
        const now = clock();
        for (const [id, readings] of recent) table.joint.recount(id, readings);
        for (let i = 0; i < known.length; i++) {
          // Those that counted for nothing until now were not judged; whether they are now is for the span to say.
          const id = known.series[i]!;
          if (table.newest[id]! >= known.eventTime[i]!) continue;
          table.newest[id] = known.eventTime[i]!;
          table.newestValue[id] = Number.NaN;
        }
        for (const { series: id, from, to } of spans) {
          table.joint.touchedBetween(id, from, to - 1, now, true);
          if ((table.valueSlots[id]?.length ?? 0) === 0) continue;
          table.touch(id, from, to - 1, now, true);
          table.markDirty(id);
        }
      });
      // Late readings beside it may wait for live and corrected to run together: that is theirs to take time for, and no verdict's.
      const isLeft = (): boolean =>
        series.some(
          (id) =>
            table.late.get(id)?.adopts === true ||
            table.joint.inputs[id]?.slots.some((slot) => slot.part.late?.adopts === true) === true,
        );
      for (let round = 0; round < VERDICT_ROUNDS && isLeft(); round++) await late.settleAll();
      // What the last round found is recorded.
      await atRest(() => {});
      return !isLeft();
    },

    settleLate: () => late.settleAll(),

    status: () => ({
      cursor,
      keptCursor: writer.keptCursor,
      watched: table.valueSlots.reduce(
        (sum, slots) => sum + (slots?.length ?? 0),
        table.silent.length + table.joint.byKey.size,
      ),
      openAlarms: table.open.size,
      lateSeries: table.late.size + table.joint.late.size,
      registryFailing: writer.failing,
      ...counts,
      ...writer.counts,
      ...late.counts,
    }),
  };
}
