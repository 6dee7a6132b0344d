import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeSqlDatabase } from './sql-database.contract.ts';
import { SqliteDatabase } from './sqlite-database.ts';

describeSqlDatabase('SQLite', async () => {
  const db = new SqliteDatabase(join(mkdtempSync(join(tmpdir(), 'hd-sqlite-')), 'kept.sqlite'));
  await db.run('CREATE TABLE kept (id TEXT PRIMARY KEY, n INTEGER NOT NULL)');
  return db;
});
