import type { AgencyId, UserId } from '../../../domain/identifiers.ts';
import type { ChangedReadings } from '../../../domain/ports/index-work.ts';
import type {
  QualitySpan,
  QualitySpanDraft,
  QualitySpanView,
  VerdictLog,
} from '../../../domain/ports/quality-spans.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import type { EpochMs } from '../../../domain/time.ts';
import type { Context, Gate } from './access.ts';
import { eachInTurn } from './in-turn.ts';
import { addChangedReadings } from './index-work.ts';
import { type SqlDatabase, Where } from './sql-database.ts';

const THROUGH_POINT = { agency: 's.agency_id', domain: 'p.domain', site: 'p.site_id', tags: 'p.tags' };
const SPAN_THROUGH_POINT = { ...THROUGH_POINT, agency: 'q.agency_id' };
const FROM_SPANS = 'FROM quality_spans q JOIN series s ON s.id = q.series JOIN points p ON p.id = s.point_id';

interface Row {
  readonly body: string;
  readonly withdrawn_at: EpochMs | null;
}
const spanOf = (row: Row): QualitySpan => ({
  ...(JSON.parse(row.body) as QualitySpan),
  withdrawnAt: row.withdrawn_at,
});

/** In the caller's transaction: indices and rules are to be worked out again over the span. */
async function addChange(db: SqlDatabase, change: ChangedReadings): Promise<void> {
  await addChangedReadings(db, [change]);
  await db.run(
    'INSERT INTO quality_changes (series, from_time, to_time) VALUES (?,?,?)',
    change.series,
    change.from,
    change.to,
  );
}

export function qualitySpanView({ db, clock, newId }: Context, gate: Gate): QualitySpanView {
  const ownerOf = async ({ series }: QualitySpanDraft): Promise<AgencyId> => {
    const where = gate.readable(new Where().equals('s.id', series), THROUGH_POINT);
    const owner = await db.get<{ agency_id: AgencyId }>(
      `SELECT s.agency_id FROM series s JOIN points p ON p.id = s.point_id ${where.sql}`,
      ...where.values,
    );
    if (!owner) throw new RegistryError('NOT_FOUND', { id: series });
    gate.mayWrite(owner.agency_id, String(series), true);
    return owner.agency_id;
  };
  const insert = async (draft: QualitySpanDraft & Pick<QualitySpan, 'replaces'>): Promise<QualitySpan> => {
    const span: QualitySpan = {
      ...draft,
      id: newId(),
      agencyId: await ownerOf(draft),
      by: (gate.userId ?? 'system') as UserId,
      recordedAt: clock(),
      withdrawnAt: null,
    };
    const { id, agencyId, series, from, to, recordedAt } = span;
    const body = JSON.stringify(span);
    await db.run(
      'INSERT INTO quality_spans VALUES (?,?,?,?,?,?,NULL,?)',
      id,
      agencyId,
      series,
      from,
      to,
      recordedAt,
      body,
    );
    return span;
  };
  /** The span as it was. */
  const end = async (id: string): Promise<QualitySpan> => {
    const where = gate.readable(new Where().add('q.id = ? AND q.withdrawn_at IS NULL', id), SPAN_THROUGH_POINT);
    const row = await db.get<Row>(`SELECT q.body, q.withdrawn_at ${FROM_SPANS} ${where.sql}`, ...where.values);
    if (!row) throw new RegistryError('NOT_FOUND', { id });
    const span = spanOf(row);
    gate.mayWrite(span.agencyId, id, true);
    await db.run('UPDATE quality_spans SET withdrawn_at = ? WHERE id = ?', clock(), id);
    return span;
  };
  const mark = async (draft: QualitySpanDraft): Promise<QualitySpan> => {
    const span = await insert(draft);
    await addChange(db, span);
    await gate.audit(span.agencyId, 'quality.mark', 'series', String(span.series), null, span);
    return span;
  };
  return {
    async list({ series, from, to }) {
      const where = gate.readable(
        new Where().add(
          `q.series IN ${db.dialect.numbers} AND q.from_time < ? AND q.to_time > ?`,
          JSON.stringify(series),
          to,
          from,
        ),
        SPAN_THROUGH_POINT,
      );
      return (
        await db.all<Row>(
          `SELECT q.body, q.withdrawn_at ${FROM_SPANS} ${where.sql} ORDER BY q.recorded_at, q.id`,
          ...where.values,
        )
      ).map(spanOf);
    },
    async mark(draft) {
      return db.transaction(() => mark(draft));
    },
    async markAll(drafts) {
      return db.transaction(async () => eachInTurn(drafts, mark));
    },
    async withdraw(id) {
      return db.transaction(async () => {
        const span = await end(id);
        await addChange(db, span);
        await gate.audit(span.agencyId, 'quality.withdraw', 'series', String(span.series), { id }, null);
        return { ...span, withdrawnAt: clock() };
      });
    },
    async replace(id, draft) {
      return db.transaction(async () => {
        const before = await end(id);
        const span = await insert({ ...draft, series: before.series, replaces: id });
        for (const change of changedBetween(before, span)) await addChange(db, change);
        await gate.audit(span.agencyId, 'quality.replace', 'series', String(span.series), before, span);
        return span;
      });
    },
  };
}

/** Where readings count differently once `after` stands in the place of `before`: of the same verdict, only where one of them is and the other isn't. */
function changedBetween(before: QualitySpan, after: QualitySpan): readonly ChangedReadings[] {
  const { series } = after;
  if (before.quality !== after.quality) return [before, after];
  const edges = [
    { series, from: Math.min(before.from, after.from) as EpochMs, to: Math.max(before.from, after.from) as EpochMs },
    { series, from: Math.min(before.to, after.to) as EpochMs, to: Math.max(before.to, after.to) as EpochMs },
  ];
  return edges.filter(({ from, to }) => from < to);
}

export const verdictLogOf = ({ db }: Context): VerdictLog => ({
  async counting(since) {
    return (
      await db.all<Row>(
        'SELECT body, withdrawn_at FROM quality_spans WHERE withdrawn_at IS NULL AND to_time > ?',
        since,
      )
    ).map(spanOf);
  },
  async touching(from, to) {
    return (
      await db.all<Row>('SELECT body, withdrawn_at FROM quality_spans WHERE to_time > ? AND from_time < ?', from, to)
    ).map(spanOf);
  },
  async changes(limit) {
    return db.all<ChangedReadings & { id: number }>(
      'SELECT id, series, from_time AS "from", to_time AS "to" FROM quality_changes ORDER BY id LIMIT ?',
      limit,
    );
  },
  async forget(upTo) {
    await db.run('DELETE FROM quality_changes WHERE id <= ?', upTo);
  },
});
