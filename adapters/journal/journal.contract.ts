import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  JOURNAL_START,
  type Journal,
  type JournalSequence,
  JournalUnavailableError,
} from '../../domain/ports/journal.ts';
import { type Clock, type DurationMs, epochMs, milliseconds, seconds } from '../../domain/time.ts';

export interface JournalOptions {
  readonly capacityBytes?: number;
  readonly retain?: DurationMs;
  readonly clock?: Clock;
}
/** One journal's place: can be opened, closed and opened again. */
export type JournalPlace = (options?: JournalOptions) => Promise<Journal>;

const entry = (text: string) => ({ partition: 0, traceId: `t-${text}`, payload: new TextEncoder().encode(text) });
const texts = async (journal: Journal, after: number = JOURNAL_START, limit = 1000): Promise<string[]> =>
  (await journal.read(after as JournalSequence, limit)).map((e) => new TextDecoder().decode(e.payload));

/** What every journal does. `newPlace` gives an empty place; the consumers are `store` and `rules`. */
export function describeJournal(name: string, newPlace: () => JournalPlace): void {
  describe(`${name} keeps the Journal contract`, () => {
    it('gives back what was appended, in order, with trace id and partition', async () => {
      const journal = await newPlace()();
      expect(await journal.append({ ...entry('a'), partition: 3 })).toBe(1);
      expect(await journal.append(entry('b'))).toBe(2);
      expect(await journal.read(JOURNAL_START, 10)).toMatchObject([
        { sequence: 1, partition: 3, traceId: 't-a' },
        { sequence: 2, partition: 0, traceId: 't-b' },
      ]);
      expect(await texts(journal)).toEqual(['a', 'b']);
      expect(await texts(journal, 1)).toEqual(['b']);
      expect(await texts(journal, 0, 1)).toEqual(['a']);
      expect(journal.head()).toBe(2);
      await journal.close();
    });

    it('keeps entries and goes on counting over a restart', async () => {
      const place = newPlace();
      const first = await place();
      await Promise.all([first.append(entry('a')), first.append(entry('b'))]);
      await first.close();
      const second = await place();
      expect(await texts(second)).toEqual(['a', 'b']);
      expect(await second.append(entry('c'))).toBe(3);
      expect(await texts(second)).toEqual(['a', 'b', 'c']);
      await second.close();
    });

    it('keeps any payloads appended at once in the order they were given, over a restart too', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 30 }),
          async (payloads) => {
            const place = newPlace();
            const first = await place();
            const sequences = await Promise.all(
              payloads.map((payload) => first.append({ partition: 0, traceId: 't', payload })),
            );
            expect(sequences).toEqual(payloads.map((_, i) => i + 1));
            await first.close();
            const second = await place();
            expect((await second.read(JOURNAL_START, 100)).map((e) => [...e.payload])).toEqual(
              payloads.map((p) => [...p]),
            );
            await second.close();
          },
        ),
        { numRuns: 15 },
      );
    });

    it('tells listeners of new entries that can be read at that moment, until they leave', async () => {
      const journal = await newPlace()();
      const seen: Promise<string[]>[] = [];
      const leave = journal.onAppended(() => seen.push(texts(journal)));
      await journal.append(entry('a'));
      await vi.waitFor(async () => expect(await seen.at(-1)).toEqual(['a']));
      leave();
      const heard = seen.length;
      await journal.append(entry('b'));
      expect(seen).toHaveLength(heard);
      await journal.close();
    });

    it('trims what all consumers have passed and the retention has let go, and counts on after it', async () => {
      let now = 1_000_000;
      const place = newPlace();
      const options: JournalOptions = { retain: seconds(60), clock: () => epochMs(now) };
      const journal = await place(options);
      await journal.append(entry('a'));
      await journal.append(entry('b'));
      journal.passed('store', 2 as JournalSequence);
      expect(journal.status().depth).toMatchObject({ store: 0, rules: 2 });
      now += 120_000;
      journal.passed('rules', 1 as JournalSequence);
      await vi.waitFor(() => expect(journal.status().entries).toBe(1));
      journal.passed('rules', 2 as JournalSequence);
      await vi.waitFor(() => expect(journal.status().entries).toBe(0));
      await journal.close();
      const again = await place(options);
      expect(await again.append(entry('c'))).toBe(3);
      await again.close();
    });

    it('keeps what is younger than the retention, though all have passed it', async () => {
      const journal = await newPlace()({ retain: seconds(60) });
      await journal.append(entry('a'));
      journal.passed('store', 1 as JournalSequence);
      journal.passed('rules', 1 as JournalSequence);
      await journal.append(entry('b'));
      expect(journal.status().entries).toBe(2);
      await journal.close();
    });

    it('refuses when full, says so, and takes entries again once the consumers have passed', async () => {
      const journal = await newPlace()({ capacityBytes: 4_000, retain: milliseconds(0) });
      const big = { partition: 0, traceId: 't', payload: new Uint8Array(1_000) };
      let kept = 0;
      const refusal = await (async () => {
        for (;;) {
          try {
            await journal.append(big);
            kept++;
          } catch (error) {
            return error;
          }
        }
      })();
      expect(refusal).toBeInstanceOf(JournalUnavailableError);
      expect(refusal).toMatchObject({ code: 'FULL' });
      expect(journal.status()).toMatchObject({ writable: false, reason: 'FULL', entries: kept });
      journal.passed('store', journal.head());
      journal.passed('rules', journal.head());
      await vi.waitFor(() => expect(journal.status().writable).toBe(true));
      await journal.append(big);
      await journal.close();
    });

    it('gives no sequence up to the one skipped to, to entries that come at once as to later ones', async () => {
      const journal = await newPlace()();
      await journal.append(entry('a'));
      for (const consumer of ['store', 'rules'] as const) journal.passed(consumer, 1 as JournalSequence);
      journal.skipTo(1_000 as JournalSequence);
      expect(await journal.append(entry('b'))).toBe(1_001);
      journal.skipTo(500 as JournalSequence);
      expect(await journal.append(entry('c'))).toBe(1_002);
      expect(await texts(journal, 1_000)).toEqual(['b', 'c']);
      await journal.close();
    });

    it('refuses after closing', async () => {
      const journal = await newPlace()();
      await journal.close();
      await expect(journal.append(entry('a'))).rejects.toMatchObject({ code: 'CLOSED' });
    });
  });
}
