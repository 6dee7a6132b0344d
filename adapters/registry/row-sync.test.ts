import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { epochMs } from '../../domain/time.ts';
import { PostgresDatabase } from './postgres-database.ts';
import { PostgresServer, postgresPresent, postgresVersion } from './postgres-server.ts';
import { city } from './registry.contract.ts';
import { compareRows, holdsNothing, RegistrySnapshot, syncRows, type Table, tablesOf } from './row-sync.ts';
import { registryOver } from './sql-registry.ts';
import { SqliteDatabase } from './sqlite-database.ts';

/** A registry's file with a city in it, and rows of the kinds that engines keep differently. */
async function aRegistry(): Promise<string> {
  const path = join(mkdtempSync(join(tmpdir(), 'hd-rows-')), 'registry.sqlite');
  const db = new SqliteDatabase(path);
  let n = 0;
  const registry = registryOver(db, { clock: () => epochMs(1_790_000_000_000), newId: () => `id-${n++}` });
  await registry.seed({ kind: 'system', name: 'test' }, city());
  await registry.close();
  const [agency, device] = changing(path, (file) => [idIn(file, 'agencies'), idIn(file, 'devices')] as const);
  changing(path, (file) => {
    file.exec(`
      INSERT INTO users VALUES ('lan', 'lan', NULL, 1, NULL, 1, '{"a":1.50,  "b":"Lê Chân"}'), ('minh', 'minh', 'x', 1, NULL, 1, '{}');
      INSERT INTO user_roles VALUES ('lan', NULL, 'viewer'), ('lan', '${agency}', 'operator'), ('minh', NULL, 'viewer');
      INSERT INTO rule_state VALUES (1, x'00ff7f');
      INSERT INTO device_commands (rowid, id, agency_id, device_id, number, open, expires_at, body) VALUES
        (7, 'second', '${agency}', '${device}', 2, 1, 5, '{}'), (9, 'a third', '${agency}', '${device}', 3, 0, 5, '{}');
      INSERT INTO shift_notes VALUES (3, 'n1', '${agency}', 'lan', 1, 1, NULL, 'mưa to'), (4, 'n2', '${agency}', 'lan', 2, 1, 'n1', 'mưa rất to 🌧');
      INSERT INTO assignments (id, agency_id, device_id, point_id, from_time, to_time, recorded_at) VALUES
        (50, '${agency}', '${device}', '${idIn(file, 'points')}', 1, NULL, 1);
      INSERT INTO notices (number, id, agency_id, at, body) VALUES (40, 'told', NULL, 9007199254740991, '{}');
      INSERT INTO incident_unheard VALUES (20, 'heard');
      DELETE FROM incident_unheard;
    `);
    const status = file.prepare(
      'INSERT INTO device_status (agency_id, device_id, online, reason, event_time, recorded_at) VALUES (?,?,1,?,?,?)',
    );
    file.exec('BEGIN');
    // More than are read at once.
    for (let i = 0; i < 2_321; i++) status.run(agency, device, 'session', i, i);
    file.exec('COMMIT');
  });
  return path;
}
const idIn = (file: DatabaseSync, table: string): string =>
  String(file.prepare(`SELECT id FROM ${table} ORDER BY id`).get()?.['id']);
function changing<T>(path: string, change: (file: DatabaseSync) => T): T {
  const file = new DatabaseSync(path);
  try {
    return change(file);
  } finally {
    file.close();
  }
}
async function reading<T>(
  path: string,
  work: (rows: RegistrySnapshot, tables: readonly Table[]) => Promise<T>,
): Promise<T> {
  const rows = new RegistrySnapshot(path);
  try {
    return await work(rows, await tablesOf(rows));
  } finally {
    rows.close();
  }
}

describe.skipIf(!postgresPresent)(`Rows of a registry on their way between SQLite and ${postgresVersion}`, () => {
  const server = new PostgresServer({ fsync: false });
  beforeAll(async () => {
    await server.start();
    // The schema once, for all databases that are made from now on.
    await (await PostgresDatabase.open({ url: server.url('template1') })).close();
  });
  afterAll(() => server.discard());
  const newDatabase = async () => PostgresDatabase.open({ url: await server.newDatabase() });

  it('come over row by row, keep what was given to them, and go on counting', async () => {
    const path = await aRegistry();
    const db = await newDatabase();
    const counted = await reading(path, async (rows, tables) => {
      expect(await holdsNothing(db, tables)).toBe(true);
      await expect(compareRows(rows, db, tables)).rejects.toThrow(/differs: \d+ rows are missing/);
      await syncRows(rows, db, tables);
      expect(await holdsNothing(db, tables)).toBe(false);
      return compareRows(rows, db, tables);
    });
    expect(counted).toMatchObject({ device_status: 2_321, user_roles: 3, shift_notes: 2, device_commands: 2 });
    expect(await db.get("SELECT body FROM users WHERE id = 'lan'")).toEqual({ body: '{"a":1.50,  "b":"Lê Chân"}' });
    // In the order of their making, also of what comes later; a number of a row that is gone is not given again.
    expect(await db.all('SELECT id FROM device_commands ORDER BY rowid')).toEqual([
      { id: 'second' },
      { id: 'a third' },
    ]);
    await db.run("INSERT INTO incident_unheard (alarm_id) VALUES ('next')");
    expect(await db.get('SELECT number FROM incident_unheard')).toEqual({ number: 21 });
    await db.close();
  });

  it('follow what changes, and only that is written', async () => {
    const path = await aRegistry();
    const db = await newDatabase();
    await reading(path, (rows, tables) => syncRows(rows, db, tables));
    changing(path, (file) => {
      file.exec(`
        UPDATE users SET body = '{"new":true}' WHERE id = 'lan';
        UPDATE assignments SET to_time = 9, end_recorded_at = 9 WHERE id = 50;
        DELETE FROM user_roles WHERE user_id = 'minh';
        DELETE FROM users WHERE id = 'minh';
        INSERT INTO users VALUES ('hoa', 'hoa', NULL, 1, NULL, 1, '{}');
      `);
    });
    const synced = await reading(path, async (rows, tables) => {
      const all = await syncRows(rows, db, tables);
      await compareRows(rows, db, tables);
      return all;
    });
    expect(synced.get('users')).toEqual({ rows: 2, inserted: 1, updated: 1, deleted: 1 });
    expect(synced.get('device_status')).toEqual({ rows: 2_321, inserted: 0, updated: 0, deleted: 0 });
    await db.close();
  });

  it('come whole where a value that stands only once has gone from one row to another', async () => {
    const path = await aRegistry();
    const db = await newDatabase();
    await reading(path, (rows, tables) => syncRows(rows, db, tables));
    changing(path, (file) => {
      file.exec(`
        UPDATE users SET login_name = 'old lan' WHERE id = 'lan';
        INSERT INTO users VALUES ('a', 'lan', NULL, 1, NULL, 1, '{}');
        UPDATE users SET login_name = 'minh 2' WHERE id = 'minh';
        UPDATE users SET login_name = 'minh' WHERE id = 'lan';
      `);
    });
    await reading(path, async (rows, tables) => {
      await syncRows(rows, db, tables);
      await compareRows(rows, db, tables);
    });
    await db.close();
  });

  it('go back into a file as they were', async () => {
    const path = await aRegistry();
    const db = await newDatabase();
    await reading(path, (rows, tables) => syncRows(rows, db, tables));
    const back = join(mkdtempSync(join(tmpdir(), 'hd-rows-')), 'registry.sqlite');
    const file = new SqliteDatabase(back);
    const tables = await tablesOf(file);
    await db.snapshot(async () => {
      await syncRows(db, file, tables);
      await compareRows(db, file, tables);
    });
    await file.run("INSERT INTO incident_unheard (alarm_id) VALUES ('next')");
    expect(await file.get('SELECT number FROM incident_unheard')).toEqual({ number: 21 });
    await file.close();
    await db.close();
  });
});
