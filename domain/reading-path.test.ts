import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PathSample, type PathStage, readingPathOf, type StageReport } from './reading-path.ts';
import { epochMs } from './time.ts';

const START = 1_764_000_000_000;
const STEP_SECONDS = 5;
const DEPTH = { store: 0, rules: 0, indices: 0, live: 0 };

/** Samples five seconds apart of a city that sends 100 messages a second, ten to an entry, but for what is said otherwise. */
function samplesOf(count: number, change: (i: number) => Partial<PathSample> = () => ({})): PathSample[] {
  return Array.from({ length: count }, (_, i) => ({
    at: epochMs(START + i * STEP_SECONDS * 1_000),
    received: (i + 1) * 500,
    quarantined: 0,
    journal: { refusal: null, bytes: 10, capacityBytes: 1_000, head: (i + 1) * 50, depth: DEPTH },
    isStoreReachable: true,
    liveClients: 3,
    framesSent: i * 60,
    framesHeldBack: 0,
    ...change(i),
  }));
}
const journalAt = (i: number, depth: Partial<typeof DEPTH>, head = (i + 1) * 50): PathSample['journal'] => ({
  refusal: null,
  bytes: 10,
  capacityBytes: 1_000,
  head,
  depth: { ...DEPTH, ...depth },
});
const stageOf = (stage: PathStage, samples: readonly PathSample[]): StageReport =>
  readingPathOf(samples).find((report) => report.stage === stage)!;

describe('the way of a reading', () => {
  it('is fine while everything flows, and says how fast', () => {
    const path = readingPathOf(samplesOf(40));
    expect(path.map(({ state }) => state)).toEqual(path.map(() => 'ok'));
    expect(stageOf('receive', samplesOf(40)).perSecond).toBe(100);
    expect(stageOf('store', samplesOf(40)).perSecond).toBe(10);
    expect(stageOf('screens', samplesOf(40))).toMatchObject({ perSecond: 12, waiting: 3 });
  });

  it('has no rate from one look alone', () => {
    expect(stageOf('receive', samplesOf(1)).perSecond).toBeNull();
  });

  it('claims nothing of a consumer that this process does not know of, as of the screens of other servers', () => {
    const { live: _live, ...depth } = DEPTH;
    const samples = samplesOf(40, (i) => ({ journal: { ...journalAt(i, {}), depth } }));
    expect(stageOf('live', samples)).toEqual({
      ...{ stage: 'live', state: 'ok', finding: null, perSecond: null, waiting: null },
    });
    expect(stageOf('store', samples)).toMatchObject({ perSecond: 10, waiting: 0 });
  });

  it('is stuck at a consumer that passes nothing for a minute, and says since when', () => {
    const samples = samplesOf(40, (i) => ({ journal: journalAt(i, { store: Math.max(0, (i - 20) * 50) }) }));
    expect(stageOf('store', samples)).toMatchObject({
      state: 'stuck',
      finding: { key: 'not_moving', seconds: 95 },
      waiting: 950,
    });
    expect(stageOf('rules', samples).state).toBe('ok');
  });

  it('tells of a consumer that is behind when it will have caught up', () => {
    // 40 entries behind at each step until the tenth, then five gained at each.
    const samples = samplesOf(30, (i) => ({
      journal: journalAt(i, { store: i < 10 ? 1_000 : 1_000 - (i - 10) * 20 }),
    }));
    expect(stageOf('store', samples)).toMatchObject({
      state: 'attention',
      finding: { key: 'behind', caughtUpInSeconds: 155 },
    });
    const losing = samplesOf(30, (i) => ({ journal: journalAt(i, { store: 400 + i * 10 }) }));
    expect(stageOf('store', losing)).toMatchObject({ state: 'attention', finding: { caughtUpInSeconds: null } });
  });

  it('leaves rules the minute in which they keep their place', () => {
    const samples = samplesOf(40, (i) => ({ journal: journalAt(i, { rules: (i % 12) * 50 }) }));
    expect(stageOf('rules', samples).state).toBe('ok');
  });

  it('is stuck at a journal that takes nothing, and is to be looked at when it fills up', () => {
    const full = samplesOf(3, () => ({ journal: { ...journalAt(3, {}), refusal: 'FULL' } }));
    expect(stageOf('journal', full)).toMatchObject({ state: 'stuck', finding: { key: 'journal_full' } });
    const filling = samplesOf(3, (i) => ({ journal: { ...journalAt(i, {}), bytes: 600 } }));
    expect(stageOf('journal', filling)).toMatchObject({ state: 'attention', finding: { percent: 60 } });
  });

  it('is stuck at a store that is away, however little waits', () => {
    const samples = samplesOf(3, () => ({ isStoreReachable: false }));
    expect(stageOf('store', samples)).toMatchObject({ state: 'stuck', finding: { key: 'store_away' } });
  });

  it('is to be looked at when a share of the messages goes to quarantine, not for a few', () => {
    expect(
      stageOf(
        'quarantine',
        samplesOf(80, (i) => ({ quarantined: i * 50 })),
      ),
    ).toMatchObject({
      state: 'attention',
      finding: { key: 'much_quarantined', percent: 10 },
    });
    expect(
      stageOf(
        'quarantine',
        samplesOf(80, (i) => ({ received: i, quarantined: i % 10 })),
      ).state,
    ).toBe('ok');
  });

  it('says that a city which was heard has fallen silent, and nothing of one that has no devices yet', () => {
    const samples = samplesOf(100, (i) => ({ received: Math.min(i, 30) * 500 }));
    expect(stageOf('receive', samples)).toMatchObject({ state: 'attention', finding: { key: 'silent', minutes: 5 } });
    expect(
      stageOf(
        'receive',
        samplesOf(100, () => ({ received: 0 })),
      ).state,
    ).toBe('ok');
  });

  it('tells of screens that can’t keep up', () => {
    expect(
      stageOf(
        'screens',
        samplesOf(20, (i) => ({ framesHeldBack: i * 60 })),
      ),
    ).toMatchObject({
      state: 'attention',
      finding: { key: 'screens_slow', percent: 50 },
    });
  });

  it('has something to say of any run of counters, and never a rate below zero', () => {
    const counter = fc.nat(1_000_000);
    const sample = fc.record({
      received: counter,
      quarantined: counter,
      head: counter,
      depth: counter,
      held: counter,
      sent: counter,
      isStoreReachable: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 40 }), (rows) => {
        const samples = rows.map(
          ({ head, depth, held, sent, ...row }, i): PathSample => ({
            ...samplesOf(1)[0]!,
            ...row,
            at: epochMs(START + i * 5_000),
            journal: journalAt(i, { store: Math.min(head, depth), rules: Math.min(head, depth) }, head),
            framesSent: sent,
            framesHeldBack: held,
          }),
        );
        for (const { perSecond, state, finding } of readingPathOf(samples)) {
          expect(perSecond ?? 0).toBeGreaterThanOrEqual(0);
          expect(state === 'ok').toBe(finding === null);
        }
      }),
    );
  });
});
