import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SeriesId } from '../../domain/identifiers.ts';
import type { ChangedReadings } from '../../domain/ports/index-work.ts';
import { QUALITY } from '../../domain/quality.ts';
import { VerdictBook } from '../../domain/quality-verdicts.ts';
import { days, epochMs, milliseconds } from '../../domain/time.ts';
import { type FollowedVerdicts, followVerdicts } from '../../ingest/consumers/followed-verdicts.ts';
import { VerdictWatch } from '../../ingest/consumers/rules/verdict-watch.ts';
import { type RunningApi, runApi, SYSTEM } from '../api/running-api.ts';

let running: RunningApi;
let pm: SeriesId;
/** What rules were asked to judge again, with what the book held then. */
let asked: { readonly spans: readonly ChangedReadings[]; readonly counting: number }[];
let answer: () => Promise<boolean>;
let watch: VerdictWatch;
let verdicts: FollowedVerdicts;

function aWatch(): VerdictWatch {
  const book = new VerdictBook();
  const { registry, bus, clock } = running;
  verdicts = followVerdicts({ registry, bus, clock, book, maximumAge: days(30), onError: () => {} });
  return new VerdictWatch({
    registry: running.registry,
    rules: {
      verdictsChanged: (spans) => {
        asked.push({ spans, counting: book.size });
        return answer();
      },
    },
    bus: running.bus,
    book: verdicts,
    retryAfter: milliseconds(5),
    log: { info() {}, warn() {}, error() {} },
  });
}
const mark = async () => {
  const from = epochMs(running.clock() - 60_000);
  const span = { series: pm, from, to: running.clock(), quality: QUALITY.INVALID_DECLARED, reason: 'vệ sinh' };
  await running.registry.as(SYSTEM).qualitySpans.mark(span);
  running.bus.publish('quality.changed', { series: [pm] });
};
const left = () => running.registry.verdicts.changes(10);

beforeEach(async () => {
  running = await runApi();
  pm = await running.series('p-le-chan', 'pm2_5');
  asked = [];
  answer = async () => true;
  watch = aWatch();
  await verdicts.load();
  watch.start();
});
afterEach(async () => {
  await watch.stop();
  await running.close();
});

describe('a verdict', () => {
  it('counts for what arrives before the past is judged again, and is done with once that is recorded', async () => {
    await mark();
    await expect.poll(left).toEqual([]);
    expect(asked).toMatchObject([{ spans: [{ series: pm }], counting: 1 }]);
  });

  it('is tried again while judging fails or goes on, and not forgotten', async () => {
    const answers = [() => Promise.reject(new Error('the store is away')), async () => false, async () => true];
    answer = () => (answers.shift() ?? (async () => true))();
    await mark();
    await expect.poll(left).toEqual([]);
    expect(asked).toHaveLength(3);
  });

  it('given just before a kill is heeded at the next start', async () => {
    answer = () => new Promise(() => {});
    await mark();
    await expect.poll(() => asked.length).toBe(1);
    expect(await left()).toHaveLength(1);
    answer = async () => true;
    watch = aWatch();
    await verdicts.load();
    watch.start();
    await expect.poll(left).toEqual([]);
    expect(asked).toHaveLength(2);
  });
});
