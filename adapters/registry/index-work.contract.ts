import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { SeriesId } from '../../domain/identifiers.ts';
import type { HourEnd } from '../../domain/indices/local-hours.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { QUALITY } from '../../domain/quality.ts';
import { epochMs } from '../../domain/time.ts';
import { city } from './registry.contract.ts';

const system: Actor = { kind: 'system', name: 'test' };
const span = (series: number, from: number, to: number) => ({
  series: series as SeriesId,
  from: epochMs(from),
  to: epochMs(to),
});

/** What the indices consumer is promised. */
export function describeIndexWork(name: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${name} keeps how far indices are worked out`, () => {
    const progress = { cursor: 7 as JournalSequence, through: 3_600_000 as HourEnd };
    let open: () => Promise<Registry>;
    let registry: Registry;
    beforeEach(async () => {
      open = newPlace();
      registry = await open();
      await registry.seed(system, city());
    });
    afterEach(() => registry.close());

    it('has no progress before the first is kept, and the last kept from then on, over a restart too', async () => {
      expect(await registry.indexWork.progress()).toBeNull();
      await registry.indexWork.keep(progress, []);
      await registry.indexWork.keep({ ...progress, cursor: 9 as JournalSequence }, []);
      await registry.close();
      registry = await open();
      expect(await registry.indexWork.progress()).toEqual({ ...progress, cursor: 9 });
    });

    it('gives changed readings in the order they were added, until they are done', async () => {
      const { indexWork } = registry;
      await indexWork.add([span(1, 0, 10), span(2, 5, 15)]);
      await indexWork.add([span(1, 20, 30)]);
      const [first, second] = await indexWork.changes(2);
      expect([first, second]).toMatchObject([span(1, 0, 10), span(2, 5, 15)]);
      await indexWork.keep(progress, [first!.id, second!.id]);
      expect(await indexWork.changes(10)).toMatchObject([span(1, 20, 30)]);
    });

    it('counts a span that a person judges, and one whose verdict is withdrawn, as changed readings', async () => {
      const [entry] = await registry.directory.series();
      const verdicts = registry.as(system).qualitySpans;
      const change = span(entry!.series, 100, 200);
      const verdict = await verdicts.mark({ ...change, quality: QUALITY.INVALID_DECLARED, reason: 'smoke' });
      expect(await registry.indexWork.changes(10)).toMatchObject([change]);
      await verdicts.withdraw(verdict.id);
      expect(await registry.indexWork.changes(10)).toMatchObject([change, change]);
    });
  });
}
