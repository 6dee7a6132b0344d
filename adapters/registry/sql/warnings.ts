import type { UserId } from '../../../domain/identifiers.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import type { PublishedWarnings, WarningsView, WarningVersion } from '../../../domain/ports/warnings.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { currentMessage, type Warning, type WarningId } from '../../../domain/warning/warning.ts';
import { takeWarningStep, type WarningStep } from '../../../domain/warning/warning-steps.ts';
import { type Context, Gate, refused } from './access.ts';
import { eachInTurn } from './in-turn.ts';
import { limitOf, pageOf, rowNumberOf } from './pages.ts';
import { Where } from './sql-database.ts';

interface VersionRow {
  readonly version: number;
  readonly step: WarningVersion['step'];
  readonly user_id: UserId | null;
  readonly recorded_at: EpochMs;
  readonly body: string;
}
interface NumberedRow {
  readonly number: number;
  readonly body: string;
}

const parsed = (row: { readonly body: string }): Warning => JSON.parse(row.body) as Warning;

/** Columns that warnings are looked up by. */
const columnsOf = ({ life, issued: _, ...warning }: Warning, expires: EpochMs | null) => ({
  life: life.kind,
  expires,
  ended: 'at' in life ? life.at : null,
  version: warning.version,
});

/** The rows of warnings: each change is the warning as it stands, a version and an audit row, or nothing. */
class WarningRows {
  readonly #context: Context;
  readonly #gate: Gate;

  constructor(context: Context, gate: Gate) {
    this.#context = context;
    this.#gate = gate;
  }

  async insert(warning: Warning): Promise<void> {
    const row = columnsOf(warning, null);
    await this.#context.db.run(
      'INSERT INTO warnings (id, agency_id, life, expires_at, ended_at, version, body) VALUES (?,?,?,?,?,?,?)',
      warning.id,
      warning.agencyId,
      row.life,
      row.expires,
      row.ended,
      row.version,
      JSON.stringify(warning),
    );
    await this.#record(null, warning, 'create', this.#gate.userId);
  }

  async replace(before: Warning, next: Warning, step: WarningStep['kind'], by: UserId | null): Promise<void> {
    const row = columnsOf(next, currentMessage(next)?.content.expires ?? null);
    await this.#context.db.run(
      'UPDATE warnings SET life = ?, expires_at = ?, ended_at = ?, version = ?, body = ? WHERE id = ?',
      row.life,
      row.expires,
      row.ended,
      row.version,
      JSON.stringify(next),
      next.id,
    );
    await this.#record(before, next, step, by);
  }

  async #record(before: Warning | null, next: Warning, step: WarningVersion['step'], by: UserId | null): Promise<void> {
    await this.#context.db.run(
      'INSERT INTO warning_versions (warning_id, version, agency_id, recorded_at, step, user_id, body) VALUES (?,?,?,?,?,?,?)',
      next.id,
      next.version,
      next.agencyId,
      next.changedAt,
      step,
      by,
      JSON.stringify(next),
    );
    await this.#gate.audit(next.agencyId, `warning.${step}`, 'warning', next.id, before, next);
  }
}

/** Official warnings of a {@link import('../../../domain/ports/registry.ts').RegistryView}. */
export function warningViews(context: Context, gate: Gate): WarningsView {
  const { db, clock } = context;
  const rows = new WarningRows(context, gate);

  const load = async (id: WarningId): Promise<Warning> => {
    const where = gate.ownOnly(new Where().equals('id', id), 'agency_id');
    const row = await db.get<NumberedRow>(`SELECT number, body FROM warnings ${where.sql}`, ...where.values);
    if (!row) throw new RegistryError('NOT_FOUND', { id });
    return parsed(row);
  };

  return {
    async list({ agencyId, open }, page) {
      const where = gate.ownOnly(new Where().equals('agency_id', agencyId), 'agency_id');
      where.add('number < ?', rowNumberOf(page));
      if (open !== undefined) where.add(`life ${open ? 'IN' : 'NOT IN'} ('unpublished','in_force')`);
      const limit = limitOf(page);
      const found = await db.all<NumberedRow>(
        `SELECT number, body FROM warnings ${where.sql} ORDER BY number DESC LIMIT ?`,
        ...where.values,
        limit + 1,
      );
      const { items, next } = pageOf(found, limit, ({ number }) => String(number));
      return { items: items.map(parsed), next };
    },
    async get(id) {
      return load(id);
    },
    async versions(id) {
      return db.snapshot(async () => {
        await load(id);
        return (
          await db.all<VersionRow>('SELECT * FROM warning_versions WHERE warning_id = ? ORDER BY version', id)
        ).map((row) => ({
          version: row.version,
          step: row.step,
          by: row.user_id,
          at: row.recorded_at,
          warning: parsed(row),
        }));
      });
    },
    async create({ content, author, ...given }) {
      return db.transaction(async () => {
        gate.mayWrite(given.agencyId, given.id);
        const now = clock();
        const warning: Warning = {
          ...given,
          life: {
            kind: 'unpublished',
            proposal: { kind: 'alert', stage: 'draft', content, reason: null, authors: [author], rejection: null },
          },
          issued: [],
          createdAt: now,
          changedAt: now,
          version: 1,
        };
        try {
          await rows.insert(warning);
        } catch (error) {
          refused(error, { id: given.id });
        }
        return warning;
      });
    },
    async step(id, version, step, xml) {
      return db.transaction(async () => {
        const before = await load(id);
        gate.mayWrite(before.agencyId, id, true);
        if (before.version !== version) throw new RegistryError('CONFLICT', { id });
        const taken = takeWarningStep(before, step, clock());
        if (!taken.ok) throw new RegistryError(taken.error, { id });
        const next = taken.value;
        await rows.replace(before, next, step.kind, gate.userId);
        const [message] = next.issued.slice(before.issued.length);
        if (message === undefined) return next;
        if (xml === undefined) throw new Error('a published message has its text');
        try {
          await db.run(
            'INSERT INTO warning_messages (identifier, warning_id, agency_id, sent, xml) VALUES (?,?,?,?,?)',
            message.identifier,
            id,
            next.agencyId,
            message.sent,
            xml,
          );
        } catch (error) {
          refused(error, { id: message.identifier });
        }
        return next;
      });
    },
  };
}

/** What is published, for everybody. */
export function publishedWarnings(context: Context): PublishedWarnings {
  const { db } = context;
  const rows = new WarningRows(context, new Gate({ kind: 'system', name: 'warnings' }, context));
  return {
    async recent(endedSince, limit) {
      return (
        await db.all<NumberedRow>(
          `SELECT number, body FROM warnings WHERE (life = 'in_force' AND expires_at >= ?) OR (life IN ('cancelled','expired') AND ended_at >= ?)
           ORDER BY number DESC LIMIT ?`,
          endedSince,
          endedSince,
          limit,
        )
      ).map(parsed);
    },
    async message(identifier) {
      return db.get<{ xml: string; sent: EpochMs }>(
        'SELECT xml, sent FROM warning_messages WHERE identifier = ?',
        identifier,
      );
    },
    async expireDue(now) {
      return db.transaction(async () => {
        const due = await db.all<NumberedRow>(
          "SELECT number, body FROM warnings WHERE life = 'in_force' AND expires_at <= ? ORDER BY number",
          now,
        );
        return (
          await eachInTurn(due, (row) =>
            db.transaction(async () => {
              const before = parsed(row);
              const taken = takeWarningStep(before, { kind: 'expire' }, now);
              if (!taken.ok) return [];
              await rows.replace(before, taken.value, 'expire', null);
              return [taken.value];
            }),
          )
        ).flat();
      });
    },
  };
}
