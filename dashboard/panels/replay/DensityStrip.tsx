import { queryOptions, useQuery } from '@tanstack/react-query';
import type { Knowledge } from '../../../domain/ports/city-past.ts';
import { SEVERITIES, severityRank } from '../../../domain/rule.ts';
import { call } from '../../client/http.ts';

/** Bars of the strip: about ten pixels each on a wide screen. */
const BUCKETS = 120;
const HEIGHT = 28;

const marksQuery = (from: number, to: number, known: Knowledge) =>
  queryOptions({
    queryKey: ['replay-marks', from, to, known],
    queryFn: ({ signal }) => call('GET /replay/marks', { query: { from, to, buckets: BUCKETS, known }, signal }),
    staleTime: 60_000,
  });

/** How many alarms began when, by their worst severity, over the scrubber. Said in words by the buttons that go to the nearest alarm. */
export function DensityStrip({ from, to, known }: { from: number; to: number; known: Knowledge }) {
  const marks = useQuery(marksQuery(from, to, known)).data;
  const buckets = Map.groupBy(marks?.items ?? [], ({ bucket }) => bucket);
  const most = Math.max(1, ...[...buckets.values()].map((own) => own.reduce((sum, { count }) => sum + count, 0)));
  // The root keeps one alarm beside a hundred visible.
  const heightOf = (count: number) => HEIGHT * Math.sqrt(count / most);
  return (
    <svg className="density" viewBox={`0 0 ${BUCKETS} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {[...buckets].map(([bucket, own]) => {
        let top = HEIGHT;
        const whole = heightOf(own.reduce((sum, { count }) => sum + count, 0));
        const total = own.reduce((sum, { count }) => sum + count, 0);
        return own
          .toSorted((a, b) => severityRank(b.severity) - severityRank(a.severity))
          .map(({ severity, count }) => {
            const height = (whole * count) / total;
            top -= height;
            return (
              <rect
                key={`${bucket} ${severity}`}
                className={`density-${SEVERITIES[severityRank(severity)] ?? 'notice'}`}
                x={bucket + 0.1}
                width={0.8}
                y={top}
                height={height}
              />
            );
          });
      })}
    </svg>
  );
}
