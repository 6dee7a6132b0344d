import { notifications } from '@mantine/notifications';
import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { QualitySpanWire } from '../../api/contract/quality-spans.ts';
import type { SeriesId } from '../../domain/identifiers.ts';
import type { DECLARABLE_QUALITY } from '../../domain/quality.ts';
import { epochMs } from '../../domain/time.ts';
import { useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from './http.ts';

/** Beyond every span with an end that people give. */
const FAR_AHEAD = epochMs(Date.UTC(2100, 0, 1));

/** All verdicts on some series, withdrawn ones too. */
export const qualitySpansQuery = (series: readonly SeriesId[]) =>
  queryOptions({
    queryKey: ['quality-spans', ...series],
    queryFn: ({ signal }) =>
      call('GET /quality-spans', { query: { series: series.join(','), from: epochMs(0), to: FAR_AHEAD }, signal }),
    staleTime: 60_000,
    enabled: series.length > 0,
  });

/** What shows readings, or things worked out from them. */
const DERIVED = ['quality-spans', 'chart', 'point', 'index-history', 'alarms'] as const;
/** Means heed a verdict at once; indices and alarms are worked out again some seconds later. */
const WORKED_OUT_AFTER_MS = [0, 6_000, 15_000] as const;

/** What a person fills in. */
export interface VerdictDraft {
  readonly series: readonly SeriesId[];
  readonly from: number;
  /** `null`: until somebody ends it. */
  readonly to: number | null;
  readonly quality: (typeof DECLARABLE_QUALITY)[number];
  readonly reason: string;
  /** The span it takes the place of. */
  readonly replaces: string | null;
}

/** Gives, replaces and withdraws verdicts; says so, and has everything derived asked for anew. */
export function useVerdicts() {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [busy, setBusy] = useState(false);

  async function run<T>(step: () => Promise<T>): Promise<T | null> {
    setBusy(true);
    try {
      const done = await step();
      for (const delay of WORKED_OUT_AFTER_MS) {
        setTimeout(() => {
          for (const key of DERIVED) void queries.invalidateQueries({ queryKey: [key] });
        }, delay);
      }
      return done;
    } catch (error) {
      notifications.show({ color: 'red', title: t('qualitySpans.refused'), message: problemText(error) });
      return null;
    } finally {
      setBusy(false);
    }
  }

  return {
    busy,
    give: ({ series, from, to, quality, reason, replaces }: VerdictDraft): Promise<readonly QualitySpanWire[] | null> =>
      run(async () => {
        const verdict = { from: epochMs(from), to: to === null ? null : epochMs(to), quality, reason };
        if (replaces === null)
          return (await call('POST /quality-marks', { body: { series: [...series], ...verdict } })).items;
        const spanId = { params: { spanId: replaces } };
        return [await call('POST /quality-spans/{spanId}/replacement', { ...spanId, body: verdict })];
      }),
    withdraw: (ids: readonly string[]): Promise<true | null> =>
      run(async () => {
        for (const spanId of ids) await call('DELETE /quality-spans/{spanId}', { params: { spanId } });
        return true as const;
      }),
  };
}
