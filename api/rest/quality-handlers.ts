import { accessOf } from '../../domain/access.ts';
import type { SeriesId } from '../../domain/identifiers.ts';
import { LASTING, type QualitySpan } from '../../domain/ports/quality-spans.ts';
import { type DECLARABLE_QUALITY, QUALITY, qualityName } from '../../domain/quality.ts';
import type { EpochMs } from '../../domain/time.ts';
import { type Scope, seesSeries } from '../city/scopes.ts';
import type { QualitySpanWire } from '../contract/quality-spans.ts';
import { ApiError } from '../errors.ts';
import type { Handlers } from './handler.ts';
import type { HandlerPorts } from './handler-ports.ts';

type QualityRoutes =
  | 'GET /quality-spans'
  | 'POST /quality-spans'
  | 'POST /quality-marks'
  | 'POST /quality-spans/{spanId}/replacement'
  | 'DELETE /quality-spans/{spanId}';

const wire = (span: QualitySpan): QualitySpanWire => {
  const { id, series, from, to, reason, finding, replaces, by, recordedAt, withdrawnAt } = span;
  return {
    id,
    series,
    from,
    to: to === LASTING ? null : to,
    quality: qualityName(span.quality),
    reason,
    finding: finding === undefined ? null : { key: finding.key, params: finding.params ?? {} },
    replaces: replaces ?? null,
    by,
    recordedAt,
    withdrawnAt,
  };
};

interface Verdict {
  readonly from: EpochMs;
  readonly to: EpochMs | null;
  readonly quality: (typeof DECLARABLE_QUALITY)[number];
  readonly reason: string;
}
const draftOf = ({ from, to, quality, reason }: Verdict) => ({
  from,
  to: to ?? LASTING,
  quality: QUALITY[quality],
  reason,
});

export function qualityHandlers({ scopes, bus }: HandlerPorts): Handlers<QualityRoutes> {
  /** What isn't granted isn't there. */
  const requireSeen = (scope: Scope, ids: readonly SeriesId[]): void => {
    const hidden = ids.find((id) => !seesSeries(scope, id));
    if (hidden !== undefined) throw new ApiError('NOT_FOUND', { id: hidden });
  };
  const changed = (spans: readonly QualitySpan[]): void =>
    bus.publish('quality.changed', { series: spans.map(({ series }) => series) });

  return {
    async 'GET /quality-spans'({ query, actor, view }) {
      requireSeen(scopes.of(accessOf(actor)), query.series);
      return { items: (await view.qualitySpans.list(query)).map(wire) };
    },
    async 'POST /quality-spans'({ body, actor, view }) {
      requireSeen(scopes.of(accessOf(actor)), [body.series]);
      const span = await view.qualitySpans.mark({ series: body.series, ...draftOf(body) });
      changed([span]);
      return wire(span);
    },
    async 'POST /quality-marks'({ body, actor, view }) {
      requireSeen(scopes.of(accessOf(actor)), body.series);
      const draft = draftOf(body);
      const spans = await view.qualitySpans.markAll([...new Set(body.series)].map((series) => ({ series, ...draft })));
      changed(spans);
      return { items: spans.map(wire) };
    },
    async 'POST /quality-spans/{spanId}/replacement'({ params, body, view }) {
      const span = await view.qualitySpans.replace(params.spanId, draftOf(body));
      changed([span]);
      return wire(span);
    },
    async 'DELETE /quality-spans/{spanId}'({ params, view }) {
      changed([await view.qualitySpans.withdraw(params.spanId)]);
    },
  };
}
