import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SqlDatabase } from './sql/sql-database.ts';

/** `open` gives a database with a table `kept (id TEXT PRIMARY KEY, n INTEGER NOT NULL)`. */
export function describeSqlDatabase(engine: string, open: () => Promise<SqlDatabase>): void {
  describe(`${engine} as the registry speaks to it`, () => {
    let db: SqlDatabase;
    beforeAll(async () => {
      db = await open();
    });
    afterAll(async () => db.close());
    beforeEach(async () => {
      await db.run('DELETE FROM kept');
    });
    const numberOf = async (id: string) => (await db.get<{ n: number }>('SELECT n FROM kept WHERE id = ?', id))?.n;
    // Bound here, in no transaction and no snapshot.
    const outside = AsyncLocalStorage.bind((work: () => Promise<unknown>) => work());
    const add = (id: string, n: number) => db.run('INSERT INTO kept VALUES (?,?)', id, n);

    it('keeps “look, then write” whole when many do it at once', async () => {
      await add('tickets', 0);
      await Promise.all(
        Array.from({ length: 25 }, () =>
          db.transaction(async () => {
            const n = (await numberOf('tickets')) ?? 0;
            await db.run('UPDATE kept SET n = ? WHERE id = ?', n + 1, 'tickets');
          }),
        ),
      );
      expect(await numberOf('tickets')).toBe(25);
    });

    it('takes all of a transaction back when it fails, and nothing of what others wrote meanwhile', async () => {
      const failing = db.transaction(async () => {
        await add('mine', 1);
        await db.transaction(async () => add('mine too', 2));
        throw new Error('changed my mind');
      });
      const [failed] = await Promise.allSettled([failing, add('theirs', 3)]);
      expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'changed my mind' } });
      expect(await db.all('SELECT id FROM kept')).toEqual([{ id: 'theirs' }]);
    });

    it('shows nobody outside what a transaction has not finished', async () => {
      const within = db.transaction(async () => {
        await add('half', 1);
        const inside = await numberOf('half');
        await add('other half', 2);
        return inside;
      });
      const outside = db.all('SELECT id FROM kept');
      expect(await within).toBe(1);
      expect([0, 2]).toContain((await outside).length);
    });

    it('reads one moment in a snapshot', async () => {
      await add('a', 1);
      let write: Promise<unknown> = Promise.resolve();
      const [before, after] = await db.snapshot(async () => {
        const first = await numberOf('a');
        write = outside(() => db.run('UPDATE kept SET n = 2 WHERE id = ?', 'a'));
        for (let i = 0; i < 5; i++) await numberOf('a');
        return [first, await numberOf('a')];
      });
      expect([before, after]).toEqual([1, 1]);
      await write;
      expect(await numberOf('a')).toBe(2);
    });

    it('writes nothing in a snapshot, and as part of a transaction where a snapshot is one', async () => {
      await expect(db.snapshot(async () => add('b', 1))).rejects.toThrow('only reads');
      await db.transaction(async () => {
        await add('b', 1);
        expect(await db.snapshot(() => numberOf('b'))).toBe(1);
      });
    });

    it('goes on after a statement was refused', async () => {
      await add('once', 1);
      await expect(db.transaction(async () => add('once', 2))).rejects.toThrow();
      await add('twice', 2);
      expect((await db.tuples<[string]>('SELECT id FROM kept ORDER BY id')).map(([id]) => id)).toEqual([
        'once',
        'twice',
      ]);
    });

    it('does the same for each of many rows, all or none', async () => {
      const rows = Array.from({ length: 5_000 }, (_, i) => [`row ${i}`, i] as const);
      await db.runEach('INSERT INTO kept VALUES (?,?) ON CONFLICT (id) DO UPDATE SET n = excluded.n', rows);
      await db.runEach('UPDATE kept SET n = ? WHERE id = ?', [[-1, 'row 7']]);
      await db.runEach('DELETE FROM kept WHERE id = ?', []);
      expect(await db.get('SELECT COUNT(*) AS many, MIN(n) AS least FROM kept')).toEqual({ many: 5_000, least: -1 });
      await expect(
        db.runEach('INSERT INTO kept VALUES (?,?)', [
          ['new', 1],
          ['row 7', 1],
        ]),
      ).rejects.toThrow();
      expect(await numberOf('new')).toBeUndefined();
    });

    it('says how many rows a statement changed', async () => {
      await add('x', 1);
      expect(await db.run('UPDATE kept SET n = 5 WHERE id = ?', 'x')).toEqual({ changes: 1 });
      expect(await db.run('UPDATE kept SET n = 5 WHERE id = ?', 'y')).toEqual({ changes: 0 });
      expect(await db.run('INSERT INTO kept VALUES (?,?) ON CONFLICT DO NOTHING', 'x', 2)).toEqual({ changes: 0 });
    });

    it('finds what is in a list of texts or of numbers', async () => {
      await db.runEach('INSERT INTO kept VALUES (?,?)', [
        ['a"b', 1],
        ['đ', 2],
        ['c', 9_007_199_254_740_991],
      ]);
      const { texts, numbers } = db.dialect;
      const byText = await db.all(
        `SELECT n FROM kept WHERE id IN ${texts} ORDER BY n`,
        JSON.stringify(['a"b', 'đ', '?']),
      );
      expect(byText).toEqual([{ n: 1 }, { n: 2 }]);
      expect(
        await db.all(`SELECT id FROM kept WHERE n IN ${numbers}`, JSON.stringify([9_007_199_254_740_991])),
      ).toEqual([{ id: 'c' }]);
    });
  });
}
