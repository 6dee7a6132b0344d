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
import { limitOf, pageOf, rowNumberOf } from './pages.ts';
import { NOTES, type NoteRow, noteOf, shiftReading } from './shifts-log.ts';
import { Where } from './sql-database.ts';

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
  const requireReadable = async (agencyId: AgencyId): Promise<void> => {
    const isThere = (await db.get('SELECT 1 FROM agencies WHERE id = ?', agencyId)) !== undefined;
    if (!isThere || !gate.readableAgency(agencyId)) throw new RegistryError('NOT_FOUND', { id: agencyId });
  };
  const requireWritable = async (agencyId: AgencyId): Promise<void> => {
    await requireReadable(agencyId);
    gate.mayWrite(agencyId, agencyId, true);
  };
  const planOf = async (agencyId: AgencyId): Promise<ShiftPlan> => {
    const row = await db.get<{ body: string }>('SELECT body FROM shift_plans WHERE agency_id = ?', agencyId);
    return row ? (JSON.parse(row.body) as ShiftPlan) : usualPlan(agencyId);
  };
  const dutyOf = async (agencyId: AgencyId, since: EpochMs): Promise<readonly DutyStep[]> =>
    (
      await db.all<{ user_id: UserId; step: DutyStep['step']; recorded_at: EpochMs; name: string | null }>(
        `SELECT d.user_id, d.step, d.recorded_at, u.body ->> 'displayName' AS name FROM shift_duty d LEFT JOIN users u ON u.id = d.user_id
         WHERE d.agency_id = ? AND d.recorded_at >= ? ORDER BY d.number`,
        agencyId,
        since,
      )
    ).map((row) => ({ userId: row.user_id, userName: row.name, step: row.step, at: row.recorded_at }));
  const onDuty = async (agencyId: AgencyId) =>
    onDutyAt(await dutyOf(agencyId, before(clock(), COVERS_AT_MOST)), clock());
  /** Only what changes something is put down. */
  const putDuty = async (agencyId: AgencyId, userId: UserId, step: DutyStep['step']): Promise<void> => {
    const isOn = (await onDuty(agencyId)).some((one) => one.userId === userId);
    if (isOn === (step === 'join')) return;
    await db.run(
      'INSERT INTO shift_duty (agency_id, user_id, step, recorded_at) VALUES (?,?,?,?)',
      agencyId,
      userId,
      step,
      clock(),
    );
    await gate.audit(agencyId, `shift.${step}`, 'user', userId, null, { step });
  };

  const load = async (id: HandoverId): Promise<HandoverRow> => {
    const where = gate.ownOnly(new Where().equals('h.id', id), 'h.agency_id');
    const row = await db.get<HandoverRow>(`${HANDOVERS} ${where.sql}`, ...where.values);
    if (!row) throw new RegistryError('NOT_FOUND', { id });
    return row;
  };
  const newestOf = (agencyId: AgencyId): Promise<HandoverRow | undefined> =>
    db.get<HandoverRow>(`${HANDOVERS} WHERE h.agency_id = ? ORDER BY h.number DESC LIMIT 1`, agencyId);
  const handoverOf = async (row: HandoverRow): Promise<Handover> => {
    const receipt = receiptOf(row);
    const after = await db.get<{ content: string }>(
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
      return db.snapshot(async () => {
        await requireReadable(agencyId);
        return planOf(agencyId);
      });
    },
    async setPlan(next) {
      const { agencyId, startMinutes } = next;
      return db.transaction(async () => {
        await requireWritable(agencyId);
        const known = await planOf(agencyId);
        if (known.version !== next.version) throw new RegistryError('CONFLICT', { id: agencyId });
        const problem = planProblem(startMinutes);
        if (problem !== null) throw new RegistryError(problem, { id: agencyId });
        const plan: ShiftPlan = { agencyId, startMinutes, version: known.version + 1 };
        await db.run(
          'INSERT INTO shift_plans VALUES (?,?,?) ON CONFLICT (agency_id) DO UPDATE SET version = excluded.version, body = excluded.body',
          agencyId,
          plan.version,
          JSON.stringify(plan),
        );
        await gate.audit(agencyId, 'shift.plan', 'agency', agencyId, known, plan);
        return plan;
      });
    },
    async duty(agencyId, since) {
      return db.snapshot(async () => {
        await requireReadable(agencyId);
        return dutyOf(agencyId, since);
      });
    },
    async takeDuty(agencyId, step) {
      await db.transaction(async () => {
        await requireWritable(agencyId);
        await putDuty(agencyId, person(), step);
      });
    },
    async note(agencyId, { noteId, text, happenedAt, corrects }) {
      return db.transaction(async () => {
        await requireWritable(agencyId);
        const by = person();
        const corrected =
          corrects === null
            ? undefined
            : await db.get<NoteRow>(`${NOTES} WHERE n.id = ? AND n.agency_id = ?`, corrects, agencyId);
        if (corrects !== null && !corrected) throw new RegistryError('REFERENCE_MISSING', { id: corrects });
        await db.run(
          'INSERT INTO shift_notes (id, agency_id, user_id, recorded_at, happened_at, corrects, text) VALUES (?,?,?,?,?,?,?)',
          noteId,
          agencyId,
          by,
          clock(),
          happenedAt,
          corrected ? (corrected.corrects ?? corrected.id) : null,
          text,
        );
        const note = noteOf((await db.get<NoteRow>(`${NOTES} WHERE n.id = ?`, noteId)) as NoteRow);
        await gate.audit(
          agencyId,
          corrected ? 'shift.correct' : 'shift.note',
          'shift_note',
          noteId,
          corrected ?? null,
          note,
        );
        return note;
      });
    },
    async log(agencyId, span, bounds) {
      return db.snapshot(async () => {
        await requireReadable(agencyId);
        return reading.log(agencyId, span, bounds);
      });
    },
    async facts(agencyId, span, listed) {
      await requireReadable(agencyId);
      return reading.facts(agencyId, span, listed);
    },
    handovers: {
      async list(agencyId, page) {
        return db.snapshot(async () => {
          await requireReadable(agencyId);
          const limit = limitOf(page);
          const found = await db.all<HandoverRow>(
            `${HANDOVERS} WHERE h.agency_id = ? AND h.number < ? ORDER BY h.number DESC LIMIT ?`,
            agencyId,
            rowNumberOf(page),
            limit + 1,
          );
          const { items, next } = pageOf(found, limit, ({ number }) => String(number));
          return { items: items.map(lineOf), next };
        });
      },
      get: async (id) => db.snapshot(async () => handoverOf(await load(id))),
      async sign(id, content, basedOn) {
        return db.transaction(async () => {
          const { agencyId } = content;
          await requireWritable(agencyId);
          const last = await newestOf(agencyId);
          const from = coversFrom(content.shift, last ? contentOf(last).covers.to : null, content.signedAt);
          const refusal = signRefusal(last ? lineOf(last) : null, basedOn, from);
          if (refusal !== null) throw new RegistryError(refusal, { id: last?.id ?? agencyId });
          const text = JSON.stringify(content);
          const sha256 = sha256Of(text);
          await db.run(
            'INSERT INTO shift_handovers (id, agency_id, user_id, recorded_at, sha256, content) VALUES (?,?,?,?,?,?)',
            id,
            agencyId,
            person(),
            content.signedAt,
            sha256,
            text,
          );
          await putDuty(agencyId, person(), 'leave');
          await gate.audit(agencyId, 'shift.sign', 'handover', id, null, { sha256, covers: content.covers });
          return handoverOf(await load(id));
        });
      },
      async receive(id, receivedBy, remark) {
        return db.transaction(async () => {
          const row = await load(id);
          const agencyId = row.agency_id;
          gate.mayWrite(agencyId, id, true);
          const refusal = receiveRefusal(await handoverOf(row), receivedBy.userId);
          if (refusal !== null) throw new RegistryError(refusal, { id });
          const receipt: HandoverReceipt = {
            handoverId: id,
            sha256: row.sha256,
            receivedBy,
            receivedAt: clock(),
            remark,
          };
          await db.run(
            'INSERT INTO shift_receipts VALUES (?,?,?,?,?)',
            id,
            agencyId,
            receivedBy.userId,
            receipt.receivedAt,
            JSON.stringify(receipt),
          );
          const { signedAt } = contentOf(row);
          for (const { userId, since } of await onDuty(agencyId))
            if (since < signedAt && userId !== receivedBy.userId) await putDuty(agencyId, userId, 'leave');
          await putDuty(agencyId, receivedBy.userId, 'join');
          await gate.audit(agencyId, 'shift.receive', 'handover', id, null, receipt);
          return handoverOf(await load(id));
        });
      },
    },
  };
}
