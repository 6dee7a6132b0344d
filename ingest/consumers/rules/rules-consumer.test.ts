import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AlarmTransition } from '../../../domain/alarm.ts';
import type { PointId, RuleId, SeriesId, UserId } from '../../../domain/identifiers.ts';
import { type Journal, JournalUnavailableError } from '../../../domain/ports/journal.ts';
import { QUALITY } from '../../../domain/quality.ts';
import { type Condition, SEVERITIES } from '../../../domain/rule.ts';
import { days, epochMs, minutes, milliseconds as ms, seconds } from '../../../domain/time.ts';
import { aReading, aRule, createMemoryPlatform, type MemoryPlatform, seriesEntry } from './memory-platform.ts';
import type { RulesConsumer } from './rules-consumer.ts';

const above = (limit: number, hysteresis = 0): Condition => ({
  kind: 'above',
  levels: [{ severity: 'major', limit, hold: ms(0) }],
  hysteresis,
});
const silence: Condition = { kind: 'no_data', levels: [{ severity: 'minor', hold: seconds(60) }] };
const hoa = 'hoa' as UserId;

const running: RulesConsumer[] = [];
const started = async (platform: MemoryPlatform, ...args: Parameters<MemoryPlatform['consumer']>) => {
  const consumer = platform.consumer(...args);
  await consumer.start();
  running.push(consumer);
  return consumer;
};
afterEach(async () => {
  for (const consumer of running.splice(0)) await consumer.stop();
});
const kinds = (lines: readonly AlarmTransition[]) => lines.map((line) => line.kind);
const histories = (platform: MemoryPlatform) =>
  platform.registry.alarms().map((alarm) => kinds(platform.registry.history(alarm.id)));
const until = (check: () => void) => vi.waitFor(check, { interval: 2, timeout: 5_000 });

describe('the rules consumer', () => {
  it('raises, escalates and clears, keeps every line, tells people outside and says so on the bus', async () => {
    const levels = [
      { severity: 'major' as const, limit: 3, hold: ms(0) },
      { severity: 'critical' as const, limit: 5, hold: ms(0) },
    ];
    const platform = createMemoryPlatform([aRule({ kind: 'above', levels, hysteresis: 0 })]);
    const heard: string[] = [];
    platform.bus.subscribe('alarm.changed', ({ transitions }) => heard.push(...kinds(transitions)));
    await started(platform);
    await platform.send(aReading(1, 2), aReading(2, 4), aReading(3, 6));
    await platform.send(aReading(4, 1));
    await until(() => expect(histories(platform)).toEqual([['activated', 'severity_raised', 'cleared']]));
    await until(() => expect(heard).toEqual(['activated', 'severity_raised', 'cleared']));
    const [alarm] = platform.registry.alarms();
    expect(alarm).toMatchObject({ startedAt: 2, clearedAt: 4, triggerValue: 4, worstValue: 6, lastValue: 1 });
    expect(platform.registry.messages().map(({ id, kind }) => [id, kind])).toEqual([
      [`${alarm!.id}#1`, 'alarm.raised'],
      [`${alarm!.id}#2`, 'alarm.escalated'],
      [`${alarm!.id}#3`, 'alarm.cleared'],
    ]);
    expect(platform.registry.messages()[0]!.text).toEqual({
      key: 'alarm.raised',
      params: {
        alarm: alarm!.id,
        rule: 'r',
        ruleVersion: 1,
        point: 'p1',
        quantity: 'water_level',
        severity: 'major',
        at: 2,
        value: 4,
        limit: 3,
      },
    });
  });

  it('watches only what its rules select', async () => {
    const entries = [
      seriesEntry(1),
      seriesEntry(2, { tags: ['river', 'tidal'] }),
      seriesEntry(3, { tags: ['river'] }),
      seriesEntry(4, { agencyId: 'power' as never, tags: ['river', 'tidal'] }),
      seriesEntry(5, { quantity: 'rain' as never, tags: ['river', 'tidal'] }),
    ];
    const platform = createMemoryPlatform([aRule(above(3), { selection: { tags: ['river', 'tidal'] } })], entries);
    await started(platform);
    for (const { series } of entries) await platform.send(aReading(1, 9, { series }));
    await until(() => expect(platform.registry.alarms().map((a) => a.series)).toEqual([2]));
  });

  it('judges by a rule that was made while the journal was being read for the reading it is for', async () => {
    const rules = [aRule(above(100), { id: 'other' as RuleId })];
    const platform = createMemoryPlatform(rules);
    const journal: Journal = {
      ...platform.journal,
      async read(...asked) {
        const entries = await platform.journal.read(...asked);
        if (entries.length > 0 && rules.length === 1) {
          rules.push(aRule(above(3)));
          platform.bus.publish('rule.changed', { ruleId: 'r' as RuleId });
        }
        return entries;
      },
    };
    await started(platform, {}, { journal });
    await platform.send(aReading(1, 9));
    await until(() => expect(platform.registry.alarms()).toMatchObject([{ ruleId: 'r', startedAt: 1 }]));
  });

  it('goes on where it was when the journal could not be read for a while, and takes that for no silence', async () => {
    const platform = createMemoryPlatform([aRule(silence)]);
    let isAway = false;
    const journal: Journal = {
      ...platform.journal,
      read: async (...asked) => {
        if (isAway) throw new JournalUnavailableError('DISK_FAILING');
        return platform.journal.read(...asked);
      },
    };
    const consumer = await started(platform, {}, { journal });
    await platform.send(aReading(platform.clock.now, 1));
    await until(() => expect(consumer.status().readings).toBe(1));
    isAway = true;
    platform.clock.now += 600_000;
    await platform.send(aReading(platform.clock.now, 1));
    // A look at the time or two passes.
    await new Promise((resolve) => setTimeout(resolve, 10));
    isAway = false;
    await until(() => expect(consumer.status().readings).toBe(2));
    expect(platform.registry.alarms()).toEqual([]);
  });

  it('judges neither invalid nor calibrating readings, and marks an alarm on suspect ones', async () => {
    const platform = createMemoryPlatform([aRule(above(3))]);
    const consumer = await started(platform);
    await platform.send(
      aReading(1, 9, { quality: QUALITY.INVALID_OUT_OF_RANGE }),
      aReading(2, 9, { quality: QUALITY.CALIBRATING }),
      aReading(3, 1),
    );
    await until(() => expect(consumer.status().readings).toBe(3));
    expect(platform.registry.alarms()).toEqual([]);
    await platform.send(aReading(4, 9, { quality: QUALITY.SUSPECT_CLOCK_AHEAD }));
    await until(() => expect(platform.registry.alarms()).toMatchObject([{ startedAt: 4, onSuspectData: true }]));
  });

  it('takes the same reading again for nothing, and another value at the same time for late', async () => {
    const platform = createMemoryPlatform([aRule(above(3))]);
    const consumer = await started(platform);
    await platform.send(aReading(1, 1), aReading(1, 1), aReading(1, 9));
    await until(() => expect(consumer.status()).toMatchObject({ repeated: 1, late: 1, lateSeries: 1 }));
    await platform.send(aReading(2, 1));
    await consumer.settleLate();
    await until(() =>
      expect(platform.registry.alarms()).toMatchObject([{ origin: 'past', startedAt: 1, clearedAt: 2, endedAt: 2 }]),
    );
    expect(platform.registry.messages()).toEqual([]);
  });

  it('waits until a series has been quiet about late readings', async () => {
    const platform = createMemoryPlatform([aRule(above(3), { endsUnacknowledged: SEVERITIES })]);
    const consumer = await started(platform);
    const arrivalTime = epochMs(platform.clock.now);
    await platform.send(aReading(10, 1), aReading(30, 1), aReading(20, 9, { arrivalTime }));
    platform.clock.now += 119_000;
    await until(() => expect(consumer.status().lateSeries).toBe(1));
    expect(platform.registry.alarms()).toEqual([]);
    platform.clock.now += 1_000;
    await until(() => expect(platform.registry.alarms()).toMatchObject([{ origin: 'past', startedAt: 20 }]));
    expect(consumer.status().lateSeries).toBe(0);
  });

  it.each([
    ['without readings', []],
    ['whose newest reading is older still', [aReading(days(2), 1)]],
  ])(
    'judges as past what a series %s is given of long ago, and what follows of today as it comes',
    async (_, before) => {
      const platform = createMemoryPlatform([aRule(above(3))]);
      await platform.send(...before);
      const consumer = await started(platform);
      const now = days(40);
      const old = [5, 1].map((value, i) => aReading(days(10) + i, value, { arrivalTime: epochMs(now) }));
      await platform.send(...old);
      await consumer.settleLate();
      await until(() =>
        expect(platform.registry.alarms()).toMatchObject([
          { origin: 'past', startedAt: days(10), clearedAt: days(10) + 1 },
        ]),
      );
      expect(platform.registry.messages()).toEqual([]);
      await platform.send(aReading(now - minutes(5), 4, { arrivalTime: epochMs(now) }));
      await until(() => expect(platform.registry.alarms()).toHaveLength(2));
      expect(platform.registry.alarms()[1]).toMatchObject({ origin: 'live', startedAt: now - minutes(5) });
      expect(platform.registry.messages()).toMatchObject([{ kind: 'alarm.raised' }]);
    },
  );

  it('judges readings that were imported past the journal', async () => {
    const platform = createMemoryPlatform([aRule(above(3))]);
    const consumer = await started(platform);
    await platform.send(aReading(1_000, 1));
    platform.keep([aReading(100, 9), aReading(200, 1)]);
    consumer.lateDataLoaded([{ series: 1 as SeriesId, from: epochMs(100), to: epochMs(200) }]);
    await consumer.settleLate();
    await until(() =>
      expect(platform.registry.alarms()).toMatchObject([{ origin: 'past', startedAt: 100, clearedAt: 200 }]),
    );
  });

  it('lets what a person did stand when both act at once', async () => {
    const platform = createMemoryPlatform([aRule(above(3))]);
    const consumer = await started(platform);
    await platform.send(aReading(1, 9));
    await until(() => expect(platform.registry.alarms()).toHaveLength(1));
    const [alarm] = platform.registry.alarms();
    // The person's step is in the registry; the consumer has not heard of it.
    platform.registry.work(alarm!.id, { kind: 'acknowledge', by: hoa }, epochMs(2));
    await platform.send(aReading(3, 1));
    await until(() => expect(histories(platform)).toEqual([['activated', 'acknowledged', 'cleared', 'ended']]));
    expect(consumer.status().conflicts).toBe(1);
  });

  it('begins a new occurrence when a person ended the one it was about to make active again', async () => {
    const platform = createMemoryPlatform([aRule(above(3))]);
    await started(platform);
    await platform.send(aReading(1, 9), aReading(2, 1));
    await until(() => expect(histories(platform)).toEqual([['activated', 'cleared']]));
    platform.registry.work(platform.registry.alarms()[0]!.id, { kind: 'acknowledge', by: hoa }, epochMs(3));
    await platform.send(aReading(4, 9));
    await until(() =>
      expect(histories(platform)).toEqual([['activated', 'cleared', 'acknowledged', 'ended'], ['activated']]),
    );
  });

  it('loses and doubles nothing while the registry fails', async () => {
    const platform = createMemoryPlatform([aRule(above(3), { endsUnacknowledged: SEVERITIES })]);
    const commit = platform.registry.ruleState.commit;
    let failing = true;
    const ruleState = {
      ...platform.registry.ruleState,
      commit: async (given: Parameters<typeof commit>[0]) => {
        if (failing) throw new Error('disk I/O error');
        await commit(given);
      },
    };
    const consumer = await started(platform, {}, { registry: { ...platform.registry, ruleState } });
    await platform.send(aReading(1, 9), aReading(2, 1));
    await until(() => expect(consumer.status().registryFailures).toBeGreaterThan(2));
    await platform.send(aReading(3, 9));
    expect(consumer.status().registryFailing).toBe(true);
    failing = false;
    await until(() => expect(histories(platform)).toEqual([['activated', 'cleared', 'ended'], ['activated']]));
    expect(consumer.status().registryFailing).toBe(false);
  });

  it('skips an entry that can’t be read, counts it, and goes on', async () => {
    const platform = createMemoryPlatform([aRule(above(3))]);
    const consumer = await started(platform);
    await platform.journal.append({ partition: 0, traceId: 't', payload: new Uint8Array([255]) });
    await platform.send(aReading(1, 9));
    await until(() => expect(platform.registry.alarms()).toHaveLength(1));
    expect(consumer.status().undecodable).toBe(1);
  });

  it('judges from the start of a journal that was replaced', async () => {
    const rules = [aRule(above(3))];
    const before = createMemoryPlatform(rules);
    const first = before.consumer();
    await first.start();
    for (let i = 1; i <= 5; i++) await before.send(aReading(i, 1));
    await first.stop();
    const after = createMemoryPlatform(rules);
    await after.send(aReading(6, 9));
    await started(after, {}, { registry: before.registry });
    await until(() => expect(before.registry.alarms()).toMatchObject([{ startedAt: 6 }]));
  });

  it('ends a shelving when its time is over', async () => {
    const platform = createMemoryPlatform([aRule(above(3))]);
    await started(platform);
    await platform.send(aReading(1, 9));
    await until(() => expect(platform.registry.alarms()).toHaveLength(1));
    const { id, version } = platform.registry.alarms()[0]!;
    const till = epochMs(platform.clock.now + 1_000);
    const suppression = { kind: 'shelved' as const, reason: 'r', by: hoa, since: epochMs(1), until: till };
    const shelved = platform.registry.work(id, { kind: 'suppress', suppression, version }, epochMs(platform.clock.now));
    if (shelved.ok) platform.bus.publish('alarm.changed', shelved.value);
    platform.clock.now += 1_000;
    await until(() => expect(platform.registry.alarms()).toMatchObject([{ suppression: null, work: 'new' }]));
  });
});

describe('silence', () => {
  const platformAt = async (rules = [aRule(silence)], more = {}) => {
    const platform = createMemoryPlatform(rules);
    const consumer = await started(platform, {}, more);
    await platform.send(aReading(platform.clock.now, 1));
    await until(() => expect(consumer.status().readings).toBe(1));
    return { platform, consumer, heardAt: platform.clock.now };
  };

  it('raises an alarm at last heard + duration and clears it when heard again', async () => {
    const { platform, heardAt } = await platformAt();
    platform.clock.now += 59_999;
    await until(() => expect(platform.registry.alarms()).toEqual([]));
    platform.clock.now += 5_000;
    await until(() => expect(platform.registry.alarms()).toMatchObject([{ startedAt: heardAt + 60_000 }]));
    await platform.send(aReading(platform.clock.now, 1));
    await until(() => expect(platform.registry.alarms()).toMatchObject([{ clearedAt: platform.clock.now }]));
  });

  it('is not what an outage of the platform is', async () => {
    const { platform, consumer } = await platformAt();
    await consumer.stop();
    platform.clock.now += 3_600_000;
    const readyAt = platform.clock.now;
    await started(platform);
    platform.clock.now += 59_000;
    await platform.send(aReading(1, 1, { series: 9 as SeriesId }));
    expect(platform.registry.alarms()).toEqual([]);
    platform.clock.now += 1_000;
    await until(() => expect(platform.registry.alarms()).toMatchObject([{ startedAt: readyAt + 60_000 }]));
  });

  it('neither ends nor begins again over a restart', async () => {
    const { platform, consumer } = await platformAt();
    platform.clock.now += 61_000;
    await until(() => expect(histories(platform)).toEqual([['activated']]));
    await consumer.stop();
    platform.clock.now += 10_000;
    const second = await started(platform);
    platform.clock.now += 120_000;
    await platform.send(aReading(platform.clock.now, 1));
    await until(() => expect(second.status().readings).toBe(1));
    await until(() => expect(histories(platform)).toEqual([['activated', 'cleared']]));
  });

  it('is counted from what the store knows where a rule is new to a series', async () => {
    const platform = createMemoryPlatform([aRule(silence)]);
    platform.keep([aReading(platform.clock.now - 10, 1)]);
    await started(platform);
    platform.clock.now += 61_000;
    await until(() => expect(platform.registry.alarms()).toHaveLength(1));
  });

  it('is neither ended by a file of long ago nor begun by one', async () => {
    const entries = [seriesEntry(1), seriesEntry(2), seriesEntry(3)];
    const platform = createMemoryPlatform([aRule(silence)], entries);
    platform.clock.now = days(40);
    const isOld = { arrivalTime: epochMs(platform.clock.now) };
    platform.keep([aReading(days(9), 1, { ...isOld, series: 3 as SeriesId })]);
    const consumer = await started(platform);
    await platform.send(aReading(platform.clock.now, 1));
    platform.clock.now += 61_000;
    await until(() => expect(histories(platform)).toEqual([['activated']]));
    await platform.send(...[1, 2].map((series) => aReading(days(10), 1, { ...isOld, series: series as SeriesId })));
    await until(() => expect(consumer.status().readings).toBe(3));
    platform.clock.now += 61_000;
    await platform.send(aReading(platform.clock.now, 1));
    await until(() => expect(histories(platform)).toEqual([['activated', 'cleared']]));
  });

  it('is not judged where nothing was ever heard', async () => {
    const platform = createMemoryPlatform([aRule(silence)], [seriesEntry(1), seriesEntry(2)]);
    const consumer = await started(platform);
    await platform.send(aReading(platform.clock.now, 1));
    await until(() => expect(consumer.status().readings).toBe(1));
    platform.clock.now += 600_000;
    await until(() => expect(platform.registry.alarms()).toMatchObject([{ series: 1 }]));
  });

  it('is noted on an open alarm without clearing it, and taken back when heard again', async () => {
    const { platform, heardAt } = await platformAt([aRule(above(0))]);
    platform.clock.now += 60_000;
    await until(() =>
      expect(platform.registry.alarms()).toMatchObject([{ silentSince: heardAt, condition: 'active' }]),
    );
    await platform.send(aReading(platform.clock.now, 1));
    await until(() => expect(histories(platform)).toEqual([['activated', 'silent', 'heard_again']]));
  });
});

describe('rules that change', () => {
  const announce = (platform: MemoryPlatform) => platform.bus.publish('rule.changed', { ruleId: 'r' as RuleId });
  const withAlarm = async () => {
    const rules = [aRule(above(3))];
    const platform = createMemoryPlatform(rules);
    const consumer = await started(platform);
    await platform.send(aReading(1, 5));
    await until(() => expect(platform.registry.alarms()).toHaveLength(1));
    return { rules, platform, consumer };
  };

  it('end their open alarms when withdrawn', async () => {
    const { rules, platform, consumer } = await withAlarm();
    rules.length = 0;
    announce(platform);
    await until(() => expect(histories(platform)).toEqual([['activated', 'rule_withdrawn', 'ended']]));
    await until(() => expect(platform.registry.states.size).toBe(0));
    expect(consumer.status().watched).toBe(0);
  });

  it('end their open alarms also when withdrawn while nothing ran', async () => {
    const { rules, platform, consumer } = await withAlarm();
    await consumer.stop();
    rules.length = 0;
    await started(platform);
    await until(() => expect(histories(platform)).toEqual([['activated', 'rule_withdrawn', 'ended']]));
  });

  it('leave open alarms alone when only words change', async () => {
    const { rules, platform } = await withAlarm();
    rules[0] = aRule(above(3), { version: 2, name: { vi: 'Khác', en: 'Other' } });
    announce(platform);
    await platform.send(aReading(2, 6), aReading(3, 1));
    await until(() => expect(histories(platform)).toEqual([['activated', 'cleared']]));
  });

  it.each([
    { it: 'clears by the new limit', limit: 7, expected: ['activated', 'cleared'] },
    { it: 'stays active under the new limit', limit: 4, expected: ['activated'] },
  ])('carry an open alarm on, which $it at the next reading', async ({ limit, expected }) => {
    const { rules, platform, consumer } = await withAlarm();
    rules[0] = aRule(above(limit), { version: 2 });
    announce(platform);
    await until(() => expect(consumer.status().cursor).toBe(1));
    await platform.send(aReading(2, 5));
    await until(() => expect(consumer.status()).toMatchObject({ readings: 2, keptCursor: 2 }));
    expect(histories(platform)).toEqual([expected]);
  });

  it('carry an open alarm on also when rewritten while nothing ran', async () => {
    const { rules, platform, consumer } = await withAlarm();
    await consumer.stop();
    rules[0] = aRule(above(7), { version: 2 });
    await started(platform);
    await platform.send(aReading(2, 5));
    await until(() => expect(histories(platform)).toEqual([['activated', 'cleared']]));
  });

  it('judge a series from the moment it is selected', async () => {
    const rules = [aRule(above(3), { selection: { points: ['p2' as PointId] } })];
    const platform = createMemoryPlatform(rules);
    const consumer = await started(platform);
    await platform.send(aReading(1, 9));
    await until(() => expect(consumer.status().cursor).toBe(1));
    rules[0] = aRule(above(3), { version: 2 });
    announce(platform);
    await until(() => expect(consumer.status().watched).toBe(1));
    await platform.send(aReading(2, 9));
    await until(() => expect(platform.registry.alarms()).toMatchObject([{ startedAt: 2 }]));
  });

  it('leave what late data says of the time before an edit to the version of that time', async () => {
    const { rules, platform, consumer } = await withAlarm();
    await platform.send(aReading(10, 1));
    rules[0] = aRule(above(7), { version: 2, createdAt: epochMs(20) });
    announce(platform);
    await platform.send(aReading(30, 1), aReading(40, 1), aReading(5, 9), aReading(35, 9));
    await consumer.settleLate();
    await until(() =>
      expect(platform.registry.alarms()).toMatchObject([
        { startedAt: 1, revision: null },
        { origin: 'past', startedAt: 35, clearedAt: 40 },
      ]),
    );
  });
});
