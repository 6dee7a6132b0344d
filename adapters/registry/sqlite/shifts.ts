import { createHash } from 'node:crypto';
import type { AgencyId, UserId } from '../../../domain/identifiers.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import type { ShiftsView } from '../../../domain/ports/shifts.ts';
import { type DutyStep, onDutyAt, planProblem, type ShiftPlan, usualPlan } from '../../../domain/shift.ts';
import {
  COVERS_AT_MOST,
  coversFrom,
  type Handover,
  type HandoverContent,
  type HandoverId,
  type HandoverLine,
  type HandoverReceipt,
  type RecordSha256,
  receiveRefusal,
  signRefusal,
} from '../../../domain/shift-handover.ts';
import { before, type EpochMs } from '../../../domain/time.ts';
import type { Context, Gate } from './access.ts';
import { Where } from './database.ts';
import { limitOf, pageOf, rowNumberOf } from './pages.ts';
import { NOTES, type NoteRow, noteOf, shiftReading } from './shifts-log.ts';

interface HandoverRow {
  readonly number: number;
  readonly id: HandoverId;
  readonly agency_id: AgencyId;
  readonly sha256: RecordSha256;
  readonly content: string;
  readonly receipt: string | null;
}
const HANDOVERS =
  'SELECT h.number, h.id, h.agency_id, h.sha256, h.content, r.body AS receipt FROM shift_handovers h LEFT JOIN shift_receipts r ON r.handover_id = h.id';

const sha256Of = (text: string): RecordSha256 => createHash('sha256').update(text).digest('hex') as RecordSha256;
const contentOf = (row: Pick<HandoverRow, 'content'>): HandoverContent => JSON.parse(row.content) as HandoverContent;
const receiptOf = (row: Pick<HandoverRow, 'receipt'>): HandoverReceipt | null =>
  row.receipt === null ? null : (JSON.parse(row.receipt) as HandoverReceipt);

const lineOf = (row: HandoverRow): HandoverLine => {
  const { shift, covers, signedBy, signedAt } = contentOf(row);
  const receipt = receiptOf(row);
  return {
    id: row.id,
    sha256: row.sha256,
    ...{ shift, covers, signedAt },
    signedByName: signedBy.name,
    receivedByName: receipt?.receivedBy.name ?? null,
    receivedAt: receipt?.receivedAt ?? null,
  };
};

/** Shifts of a {@link import('../../../domain/ports/registry.ts').RegistryView}. */
export function shiftViews(context: Context, gate: Gate): ShiftsView {
  const { db, clock } = context;
  const reading = shiftReading(context);

  /** @throws {RegistryError} NOT_FOUND for an agency that isn't there or isn't the actor's to see whole. */
  const requireReadable = (agencyId: AgencyId): void => {
    const isThere = db.get('SELECT 1 FROM agencies WHERE id = ?', agencyId) !== undefined;
    if (!isThere || !gate.readableAgency(agencyId)) throw new RegistryError('NOT_FOUND', { id: agencyId });
  };
  const requireWritable = (agencyId: AgencyId): void => {
    requireReadable(agencyId);
    gate.mayWrite(agencyId, agencyId, true);
  };
  const planOf = (agencyId: AgencyId): ShiftPlan => {
    const row = db.get<{ body: string }>('SELECT body FROM shift_plans WHERE agency_id = ?', agencyId);
    return row ? (JSON.parse(row.body) as ShiftPlan) : usualPlan(agencyId);
  };
  const dutyOf = (agencyId: AgencyId, since: EpochMs): readonly DutyStep[] =>
    db
      .all<{ user_id: UserId; step: DutyStep['step']; recorded_at: EpochMs; name: string | null }>(
        `SELECT d.user_id, d.step, d.recorded_at, u.body ->> '$.displayName' AS name FROM shift_duty d LEFT JOIN users u ON u.id = d.user_id
         WHERE d.agency_id = ? AND d.recorded_at >= ? ORDER BY d.number`,
        agencyId,
        since,
      )
      .map((row) => ({ userId: row.user_id, userName: row.name, step: row.step, at: row.recorded_at }));
  const onDuty = (agencyId: AgencyId) => onDutyAt(dutyOf(agencyId, before(clock(), COVERS_AT_MOST)), clock());
  /** Only what changes something is put down. */
  const putDuty = (agencyId: AgencyId, userId: UserId, step: DutyStep['step']): void => {
    const isOn = onDuty(agencyId).some((one) => one.userId === userId);
    if (isOn === (step === 'join')) return;
    db.run(
      'INSERT INTO shift_duty (agency_id, user_id, step, recorded_at) VALUES (?,?,?,?)',
      agencyId,
      userId,
      step,
      clock(),
    );
    gate.audit(agencyId, `shift.${step}`, 'user', userId, null, { step });
  };

  const load = (id: HandoverId): HandoverRow => {
    const where = gate.ownOnly(new Where().equals('h.id', id), 'h.agency_id');
    const row = db.get<HandoverRow>(`${HANDOVERS} ${where.sql}`, ...where.values);
    if (!row) throw new RegistryError('NOT_FOUND', { id });
    return row;
  };
  const newestOf = (agencyId: AgencyId): HandoverRow | undefined =>
    db.get<HandoverRow>(`${HANDOVERS} WHERE h.agency_id = ? ORDER BY h.number DESC LIMIT 1`, agencyId);
  const handoverOf = (row: HandoverRow): Handover => {
    const receipt = receiptOf(row);
    const after = db.get<{ content: string }>(
      'SELECT content FROM shift_handovers WHERE agency_id = ? AND number > ? ORDER BY number LIMIT 1',
      row.agency_id,
      row.number,
    );
    // What was signed stands in three places: beside the record, in its receipt and in the record after it.
    const told = [row.sha256, receipt?.sha256, after && contentOf(after).previous?.sha256];
    const actual = sha256Of(row.content);
    return {
      id: row.id,
      sha256: row.sha256,
      isIntact: told.every((sha256) => sha256 === undefined || sha256 === actual),
      content: contentOf(row),
      receipt,
    };
  };
  const person = (): UserId => {
    if (gate.userId === null) throw new RegistryError('NOT_ALLOWED');
    return gate.userId;
  };

  return {
    async plan(agencyId) {
      requireReadable(agencyId);
      return planOf(agencyId);
    },
    async setPlan(next) {
      const { agencyId, startMinutes } = next;
      return db.transaction(() => {
        requireWritable(agencyId);
        const known = planOf(agencyId);
        if (known.version !== next.version) throw new RegistryError('CONFLICT', { id: agencyId });
        const problem = planProblem(startMinutes);
        if (problem !== null) throw new RegistryError(problem, { id: agencyId });
        const plan: ShiftPlan = { agencyId, startMinutes, version: known.version + 1 };
        db.run(
          'INSERT INTO shift_plans VALUES (?,?,?) ON CONFLICT DO UPDATE SET version = excluded.version, body = excluded.body',
          agencyId,
          plan.version,
          JSON.stringify(plan),
        );
        gate.audit(agencyId, 'shift.plan', 'agency', agencyId, known, plan);
        return plan;
      });
    },
    async duty(agencyId, since) {
      requireReadable(agencyId);
      return dutyOf(agencyId, since);
    },
    async takeDuty(agencyId, step) {
      db.transaction(() => {
        requireWritable(agencyId);
        putDuty(agencyId, person(), step);
      });
    },
    async note(agencyId, { noteId, text, happenedAt, corrects }) {
      return db.transaction(() => {
        requireWritable(agencyId);
        const by = person();
        const corrected =
          corrects === null
            ? undefined
            : db.get<NoteRow>(`${NOTES} WHERE n.id = ? AND n.agency_id = ?`, corrects, agencyId);
        if (corrects !== null && !corrected) throw new RegistryError('REFERENCE_MISSING', { id: corrects });
        db.run(
          'INSERT INTO shift_notes (id, agency_id, user_id, recorded_at, happened_at, corrects, text) VALUES (?,?,?,?,?,?,?)',
          noteId,
          agencyId,
          by,
          clock(),
          happenedAt,
          corrected ? (corrected.corrects ?? corrected.id) : null,
          text,
        );
        const note = noteOf(db.get<NoteRow>(`${NOTES} WHERE n.id = ?`, noteId) as NoteRow);
        gate.audit(agencyId, corrected ? 'shift.correct' : 'shift.note', 'shift_note', noteId, corrected ?? null, note);
        return note;
      });
    },
    async log(agencyId, span, bounds) {
      requireReadable(agencyId);
      return reading.log(agencyId, span, bounds);
    },
    async facts(agencyId, span, listed) {
      requireReadable(agencyId);
      return reading.facts(agencyId, span, listed);
    },
    handovers: {
      async list(agencyId, page) {
        requireReadable(agencyId);
        const limit = limitOf(page);
        const found = db.all<HandoverRow>(
          `${HANDOVERS} WHERE h.agency_id = ? AND h.number < ? ORDER BY h.number DESC LIMIT ?`,
          agencyId,
          rowNumberOf(page),
          limit + 1,
        );
        const { items, next } = pageOf(found, limit, ({ number }) => String(number));
        return { items: items.map(lineOf), next };
      },
      get: async (id) => handoverOf(load(id)),
      async sign(id, content, basedOn) {
        return db.transaction(() => {
          const { agencyId } = content;
          requireWritable(agencyId);
          const last = newestOf(agencyId);
          const from = coversFrom(content.shift, last ? contentOf(last).covers.to : null, content.signedAt);
          const refusal = signRefusal(last ? lineOf(last) : null, basedOn, from);
          if (refusal !== null) throw new RegistryError(refusal, { id: last?.id ?? agencyId });
          const text = JSON.stringify(content);
          const sha256 = sha256Of(text);
          db.run(
            'INSERT INTO shift_handovers (id, agency_id, user_id, recorded_at, sha256, content) VALUES (?,?,?,?,?,?)',
            id,
            agencyId,
            person(),
            content.signedAt,
            sha256,
            text,
          );
          putDuty(agencyId, person(), 'leave');
          gate.audit(agencyId, 'shift.sign', 'handover', id, null, { sha256, covers: content.covers });
          return handoverOf(load(id));
        });
      },
      async receive(id, receivedBy, remark) {
        return db.transaction(() => {
          const row = load(id);
          const agencyId = row.agency_id;
          gate.mayWrite(agencyId, id, true);
          const refusal = receiveRefusal(handoverOf(row), receivedBy.userId);
          if (refusal !== null) throw new RegistryError(refusal, { id });
          const receipt: HandoverReceipt = {
            handoverId: id,
            sha256: row.sha256,
            receivedBy,
            receivedAt: clock(),
            remark,
          };
          db.run(
            'INSERT INTO shift_receipts VALUES (?,?,?,?,?)',
            id,
            agencyId,
            receivedBy.userId,
            receipt.receivedAt,
            JSON.stringify(receipt),
          );
          const { signedAt } = contentOf(row);
          for (const { userId, since } of onDuty(agencyId))
            if (since < signedAt && userId !== receivedBy.userId) putDuty(agencyId, userId, 'leave');
          putDuty(agencyId, receivedBy.userId, 'join');
          gate.audit(agencyId, 'shift.receive', 'handover', id, null, receipt);
          return handoverOf(load(id));
        });
      },
    },
  };
}
