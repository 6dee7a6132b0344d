import { AsyncLocalStorage } from 'node:async_hooks';
import { type Lease, LeaseLostError } from '../../../domain/ports/leases.ts';
import type { SqlDatabase } from './sql-database.ts';

/**
 * The same rows for whoever holds `lease`: every transaction begins by looking whether it still does, and writes nothing when it doesn't. Transactions follow
 * one another, and a lease changes hands in one, so that nothing comes in between. Closing it closes nothing.
 */
export function fencedDatabase(db: SqlDatabase, lease: Lease): SqlDatabase {
  const inside = new AsyncLocalStorage<true>();

  const transaction = <T>(work: () => T | Promise<T>): Promise<T> =>
    inside.getStore()
      ? db.transaction(work)
      : db.transaction(async () => {
          const held = await db.get('SELECT 1 FROM duty_leases WHERE duty = ? AND epoch = ?', lease.duty, lease.epoch);
          if (held === undefined) throw new LeaseLostError(lease);
          return inside.run(true, work);
        });

  return {
    dialect: db.dialect,
    run: (sql, ...values) => transaction(() => db.run(sql, ...values)),
    runEach: (sql, rows) => (rows.length === 0 ? Promise.resolve() : transaction(() => db.runEach(sql, rows))),
    get: (sql, ...values) => db.get(sql, ...values),
    all: (sql, ...values) => db.all(sql, ...values),
    tuples: (sql, ...values) => db.tuples(sql, ...values),
    transaction,
    snapshot: (work) => db.snapshot(work),
    assertWhole: () => db.assertWhole(),
    close: async () => {},
  };
}
