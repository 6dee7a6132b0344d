import type { AnsweredRequests } from '../../../domain/ports/answered-requests.ts';
import type { SqlDatabase } from './sql-database.ts';

/** Answers to requests that may come again; times are the database's. */
export function answeredRequestsOf(db: SqlDatabase): AnsweredRequests {
  const { now } = db.dialect;

  return {
    claim: ({ id, fingerprint }, { hold, keep }) =>
      db.transaction(async () => {
        const { changes } = await db.run(
          `INSERT INTO answered_requests (id, fingerprint, turn, held_until, forgotten_at, answer) VALUES (?,?,1,${now} + ?,${now} + ?,NULL)
             ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint, turn = answered_requests.turn + 1, held_until = excluded.held_until,
               forgotten_at = excluded.forgotten_at, answer = NULL
             WHERE answered_requests.forgotten_at <= ${now} OR (answered_requests.answer IS NULL AND answered_requests.held_until <= ${now})`,
          id,
          fingerprint,
          hold,
          keep,
        );
        const row = (await db.get<{ fingerprint: string; turn: number; answer: Uint8Array | null }>(
          'SELECT fingerprint, turn, answer FROM answered_requests WHERE id = ?',
          id,
        ))!;
        if (changes > 0) return { kind: 'claimed', turn: row.turn };
        return row.answer === null
          ? { kind: 'begun', fingerprint: row.fingerprint }
          : { kind: 'answered', fingerprint: row.fingerprint, answer: row.answer };
      }),
    async answer(id, turn, answer) {
      await db.run('UPDATE answered_requests SET answer = ? WHERE id = ? AND turn = ?', answer, id, turn);
    },
    async giveUp(id, turn) {
      await db.run(
        'UPDATE answered_requests SET held_until = 0 WHERE id = ? AND turn = ? AND answer IS NULL',
        id,
        turn,
      );
    },
    tidy: (most) =>
      db.transaction(async () => {
        await db.run(`DELETE FROM answered_requests WHERE forgotten_at <= ${now}`);
        const { known } = (await db.get<{ known: number }>('SELECT COUNT(*) AS known FROM answered_requests'))!;
        const { changes: evicted } = await db.run(
          'DELETE FROM answered_requests WHERE id IN (SELECT id FROM answered_requests ORDER BY forgotten_at, id LIMIT ?)',
          Math.max(0, known - most),
        );
        return { kept: known - evicted, evicted };
      }),
  };
}
