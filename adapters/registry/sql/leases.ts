import type { DutyName } from '../../../domain/duties.ts';
import type { ConsumerName, JournalSequence } from '../../../domain/ports/journal.ts';
import type { Leases, WorkerId } from '../../../domain/ports/leases.ts';
import type { SqlDatabase } from './sql-database.ts';

/** Who does what; times are the database's. */
export function leasesOf(db: SqlDatabase): Leases {
  const { now } = db.dialect;

  return {
    acquire: (duty, worker, ttl) =>
      db.transaction(async () => {
        const { changes } = await db.run(
          `INSERT INTO duty_leases (duty, holder, epoch, expires_at) VALUES (?,?,1,${now} + ?)
             ON CONFLICT (duty) DO UPDATE SET holder = excluded.holder, epoch = duty_leases.epoch + 1, expires_at = excluded.expires_at
             WHERE duty_leases.expires_at <= ${now}`,
          duty,
          worker,
          ttl,
        );
        if (changes === 0) return null;
        const { epoch } = (await db.get<{ epoch: number }>('SELECT epoch FROM duty_leases WHERE duty = ?', duty))!;
        return { duty, epoch };
      }),
    renew: (worker, held, ttl) =>
      db.transaction(async () => {
        await db.run(`DELETE FROM workers WHERE seen_until <= ${now}`);
        await db.run(
          `INSERT INTO workers (id, seen_until) VALUES (?,${now} + ?) ON CONFLICT (id) DO UPDATE SET seen_until = excluded.seen_until`,
          worker,
          ttl,
        );
        await db.run(`UPDATE duty_leases SET expires_at = ${now} + ? WHERE holder = ? AND expires_at > 0`, ttl, worker);
        const own = await db.all<{ duty: DutyName; epoch: number }>(
          'SELECT duty, epoch FROM duty_leases WHERE holder = ?',
          worker,
        );
        const isOwn = ({ duty, epoch }: { readonly duty: DutyName; readonly epoch: number }): boolean =>
          own.some((one) => one.duty === duty && one.epoch === epoch);
        await db.runEach(
          `INSERT INTO journal_cursors VALUES (?,?) ON CONFLICT (consumer) DO UPDATE SET sequence = excluded.sequence
             WHERE journal_cursors.sequence < excluded.sequence`,
          held.filter(isOwn).flatMap(({ passed }) => passed),
        );
        return held.filter((lease) => !isOwn(lease));
      }),
    async release({ duty, epoch }) {
      await db.run('UPDATE duty_leases SET expires_at = 0 WHERE duty = ? AND epoch = ?', duty, epoch);
    },
    leave: (worker) =>
      db.transaction(async () => {
        await db.run('UPDATE duty_leases SET expires_at = 0 WHERE holder = ?', worker);
        await db.run('DELETE FROM workers WHERE id = ?', worker);
      }),
    roster: () =>
      db.snapshot(async () => {
        const workers = await db.all<{ id: WorkerId }>(`SELECT id FROM workers WHERE seen_until > ${now} ORDER BY id`);
        const leases = await db.all<{ duty: DutyName; holder: WorkerId }>(
          `SELECT duty, holder FROM duty_leases WHERE expires_at > ${now}`,
        );
        const cursors = await db.all<{ consumer: ConsumerName; sequence: JournalSequence }>(
          'SELECT consumer, sequence FROM journal_cursors',
        );
        return {
          workers: workers.map(({ id }) => id),
          holders: new Map(leases.map(({ duty, holder }) => [duty, holder])),
          passed: new Map(cursors.map(({ consumer, sequence }) => [consumer, sequence])),
        };
      }),
  };
}
