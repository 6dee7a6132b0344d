import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { SeriesId } from '../../domain/identifiers.ts';
import { LASTING } from '../../domain/ports/quality-spans.ts';
import type { Registry, RegistryView } from '../../domain/ports/registry.ts';
import { QUALITY } from '../../domain/quality.ts';
import { epochMs } from '../../domain/time.ts';
import { city } from './registry.contract.ts';

const system: Actor = { kind: 'system', name: 'test' };

/** What those who give verdicts, and those who heed them, are promised. */
export function describeQualitySpans(name: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${name} keeps verdicts on readings`, () => {
    let registry: Registry;
    let verdicts: RegistryView['qualitySpans'];
    let series: readonly SeriesId[];
    const draft = (from: number, to: number, quality: number = QUALITY.INVALID_DECLARED, at = 0) => ({
      series: series[at]!,
      from: epochMs(from),
      to: epochMs(to),
      quality: quality as typeof QUALITY.GOOD,
      reason: 'vệ sinh đầu đo',
    });
    const changes = async () =>
      (await registry.verdicts.changes(100)).map(({ series: id, from, to }) => [id, from, to] as const);
    beforeEach(async () => {
      registry = await newPlace()();
      await registry.seed(system, city());
      verdicts = registry.as(system).qualitySpans;
      series = (await registry.directory.series()).map((entry) => entry.series);
    });
    afterEach(() => registry.close());

    it('together or not at all', async () => {
      const unknown = { ...draft(0, 9), series: 9_999 as SeriesId };
      await expect(verdicts.markAll([draft(0, 9), unknown])).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await registry.verdicts.counting(epochMs(0))).toEqual([]);
      expect(await changes()).toEqual([]);
      const both = await verdicts.markAll([draft(0, 9), draft(0, 9, QUALITY.CALIBRATING, 1)]);
      expect(await registry.verdicts.counting(epochMs(0))).toEqual(both);
    });

    it('that lasts, until one with an end takes its place; the first stays on record as withdrawn', async () => {
      const open = await verdicts.mark(draft(10, LASTING, QUALITY.CALIBRATING));
      const { series: id, ...end } = draft(10, 50, QUALITY.CALIBRATING);
      const ended = await verdicts.replace(open.id, end);
      expect(ended).toMatchObject({ ...end, series: id, replaces: open.id, withdrawnAt: null });
      const all = await verdicts.list({ series: [id], from: epochMs(0), to: LASTING });
      expect(all).toMatchObject([{ id: open.id, withdrawnAt: expect.any(Number) }, { id: ended.id }]);
      expect(await registry.verdicts.counting(epochMs(0))).toEqual([ended]);
      expect(await registry.verdicts.counting(epochMs(50))).toEqual([]);
      await expect(verdicts.replace(open.id, end)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('and says what counts differently since, until that is judged: of a moved edge only what lies between', async () => {
      const { series: id, ...longer } = draft(10, 90);
      const span = await verdicts.mark(draft(10, 50));
      const wider = await verdicts.replace(span.id, longer);
      const other = await verdicts.replace(wider.id, { ...longer, quality: QUALITY.SUSPECT_DECLARED });
      await verdicts.withdraw(other.id);
      expect(await changes()).toEqual([
        [id, 10, 50],
        [id, 50, 90],
        [id, 10, 90],
        [id, 10, 90],
        [id, 10, 90],
      ]);
      const [, second] = await registry.verdicts.changes(2);
      await registry.verdicts.forget(second!.id);
      expect(await changes()).toHaveLength(3);
    });

    it('with the platform’s own findings told apart from people’s words', async () => {
      const finding = { key: 'finding.stuck', params: { hours: 5 } };
      const found = await verdicts.mark({ ...draft(0, LASTING, QUALITY.SUSPECT_STUCK), reason: '', finding });
      expect(await registry.verdicts.counting(epochMs(1))).toMatchObject([{ id: found.id, finding, reason: '' }]);
    });
  });
}
