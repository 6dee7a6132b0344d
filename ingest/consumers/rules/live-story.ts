import fc from 'fast-check';
import { expect } from 'vitest';
import type { Alarm } from '../../../domain/alarm.ts';
import type { SeriesDirectoryEntry } from '../../../domain/asset.ts';
import type { UserId } from '../../../domain/identifiers.ts';
import type { Reading } from '../../../domain/reading.ts';
import type { Rule } from '../../../domain/rule.ts';
import { epochMs, milliseconds as ms } from '../../../domain/time.ts';
import { createMemoryPlatform, type MemoryPlatform } from './memory-platform.ts';
import type { RulesConsumer } from './rules-consumer.ts';

/** What happens between two messages. */
export const between = fc.constantFrom('nothing', 'nothing', 'nothing', 'settle', 'restart', 'acknowledge', 'wait');
type Between = typeof between extends fc.Arbitrary<infer T> ? T : never;

export interface LiveStory {
  readonly rule: Rule;
  /** In the order in which they arrive. */
  readonly sent: readonly Reading[];
  /** Readings of one message after the other, over and over. */
  readonly sizes: readonly number[];
  readonly between: readonly Between[];
}

/** The platform after a story, its consumer at rest with everything that came late. */
interface Lived {
  readonly platform: MemoryPlatform;
  readonly consumer: RulesConsumer;
  /** Another consumer on the same platform. */
  readonly start: () => Promise<RulesConsumer>;
}

const judged = async (consumer: RulesConsumer, head: number): Promise<void> => {
  while (consumer.status().cursor < head) await new Promise((resolve) => setImmediate(resolve));
};

/** Plays a story, and after it the messages of `calm`, in which live and corrected run together. */
export async function live(
  { rule, sent, sizes, between }: LiveStory,
  calm: readonly (readonly Reading[])[],
  city?: readonly SeriesDirectoryEntry[],
): Promise<Lived> {
  const platform = createMemoryPlatform([rule], city);
  const start = async (): Promise<RulesConsumer> => {
    const consumer = platform.consumer({ lookEvery: ms(60_000) });
    await consumer.start();
    return consumer;
  };
  let consumer = await start();
  let at = 0;
  for (let i = 0; at < sent.length; i++) {
    const size = sizes[i % sizes.length]!;
    await platform.send(...sent.slice(at, at + size));
    at += size;
    const next = between[i % between.length]!;
    if (next === 'settle') await consumer.settleLate();
    if (next === 'wait') await judged(consumer, platform.journal.head());
    if (next === 'restart') {
      await consumer.stop();
      consumer = await start();
    }
    if (next === 'acknowledge') {
      const open = platform.registry.alarms().find((a) => a.endedAt === null);
      if (open) {
        const step = { kind: 'acknowledge' as const, by: 'u' as UserId };
        const result = platform.registry.work(open.id, step, epochMs(platform.clock.now++));
        if (result.ok) platform.bus.publish('alarm.changed', result.value);
      }
    }
  }
  for (const message of calm) await platform.send(...message);
  for (let i = 0; i < 3; i++) await consumer.settleLate();
  expect(consumer.status()).toMatchObject({ lateSeries: 0, lateApproximate: 0 });
  return { platform, consumer, start };
}

/** Judging the journal a second time, whatever states were kept, adds and changes nothing. */
export async function expectSameAgain({ platform, consumer, start }: Lived): Promise<void> {
  await consumer.stop();
  const before = platform.registry.alarms();
  const messages = platform.registry.messages().length;
  platform.registry.forgetJudging();
  const second = await start();
  for (let i = 0; i < 3; i++) await second.settleLate();
  await second.stop();
  expect(platform.registry.alarms()).toEqual(before);
  expect(platform.registry.messages()).toHaveLength(messages);
}

/** The alarms are the same when everything comes calmly as when the consumer starts anew after each message (`restless`: what else is another). */
export async function expectSameOverRestarts<S extends LiveStory>(
  play: (story: S) => Promise<Lived>,
  story: S,
  restless: Partial<S> = {},
): Promise<void> {
  const alarms: (readonly Alarm[])[] = [];
  for (const way of [
    { ...story, between: ['nothing' as const] },
    { ...story, ...restless, between: ['wait' as const, 'restart' as const] },
  ]) {
    const { platform, consumer } = await play(way);
    await consumer.stop();
    alarms.push(platform.registry.alarms());
  }
  expect(alarms[1]).toEqual(alarms[0]);
}
