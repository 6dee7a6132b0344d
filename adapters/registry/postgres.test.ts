import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RegistryUnavailableError } from '../../domain/ports/registry.ts';
import { epochMs } from '../../domain/time.ts';
import { holdToRegistry, isHeldToPostgres, openPostgresRegistry, RegistryMismatchError } from './postgres.ts';
import { numbered, PostgresDatabase } from './postgres-database.ts';
import { POSTGRES_MIGRATIONS } from './postgres-schema.ts';
import { PostgresServer, postgresPresent, postgresVersion } from './postgres-server.ts';
import { MIGRATIONS } from './sql/migrations.ts';
import { describeSqlDatabase } from './sql-database.contract.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { describeWholeRegistry } from './whole-registry.contract.ts';

describe.skipIf(!postgresPresent)(`PostgreSQL (${postgresVersion})`, () => {
  // That a commit outlives a power cut is shown with the whole platform, in the faults.
  const server = new PostgresServer({ fsync: false });
  beforeAll(async () => {
    await server.start();
    // The schema once, for all databases that are made from now on.
    await (await openAt(server.url('template1'))).close();
  });
  afterAll(() => server.discard());

  let n = 0;
  const openAt = (url: string) =>
    openPostgresRegistry({ url, clock: () => epochMs(Date.now()), newId: () => `id-${process.pid}-${n++}` });

  describeSqlDatabase('PostgreSQL', async () => {
    const db = await PostgresDatabase.open({ url: await server.newDatabase() });
    await db.run('CREATE TABLE kept (id TEXT PRIMARY KEY, n BIGINT NOT NULL)');
    return db;
  });

  describeWholeRegistry('the PostgreSQL registry', () => {
    let url: Promise<string> | null = null;
    return async () => {
      url ??= server.newDatabase();
      return openAt(await url);
    };
  });

  describe('the schema on PostgreSQL', () => {
    it('has the tables, columns, keys, indexes and triggers that SQLite has', async () => {
      const path = join(mkdtempSync(join(tmpdir(), 'hd-schema-')), 'registry.sqlite');
      await new SqliteDatabase(path).close();
      const sqlite = new DatabaseSync(path, { readOnly: true });
      const names = (type: string) =>
        sqlite
          .prepare(
            'SELECT name FROM sqlite_master WHERE type = ? AND sql IS NOT NULL AND name NOT LIKE ? ORDER BY name',
          )
          .all(type, 'sqlite_%')
          .map(({ name }) => String(name));
      const url = await server.newDatabase();
      const pg = async (sql: string) => (await server.query<{ name: string }>(sql, url)).map(({ name }) => name).sort();
      const OURS = "schemaname = 'public' AND tablename <> 'schema_version'";
      expect(await pg(`SELECT tablename AS name FROM pg_tables WHERE ${OURS}`)).toEqual(names('table').sort());
      expect(await pg('SELECT tgname AS name FROM pg_trigger WHERE NOT tgisinternal')).toEqual(names('trigger').sort());
      expect(
        await pg(
          `SELECT indexname AS name FROM pg_indexes WHERE ${OURS} AND indexname NOT LIKE '%_key' AND indexname NOT LIKE '%_pkey'`,
        ),
      ).toEqual(names('index').sort());
      const KINDS: Readonly<Record<string, string>> = { INTEGER: 'bigint', BLOB: 'bytea' };
      for (const table of names('table')) {
        const wanted = sqlite
          .prepare('SELECT name, type, "notnull", pk FROM pragma_table_info(?) ORDER BY cid')
          .all(table)
          .map(({ name, type, notnull, pk }) => {
            const kind = name === 'body' ? 'json' : (KINDS[String(type)] ?? 'text');
            return `${name} ${kind}${notnull === 1 || pk !== 0 ? ' NOT NULL' : ''}`;
          });
        const columns = await server.query<{ column: string }>(
          `SELECT column_name || ' ' || data_type || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END AS column
             FROM information_schema.columns WHERE table_name = '${table}' AND column_name <> 'rowid' ORDER BY ordinal_position`,
          url,
        );
        expect(columns.map(({ column }) => column)).toEqual(wanted);
      }
      const references = await server.query<{ n: number }>(
        "SELECT count(*)::int AS n FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace",
        url,
      );
      const inSqlite = sqlite.prepare(
        "SELECT count(*) AS n FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) WHERE m.type = 'table'",
      );
      expect(references).toEqual([inSqlite.get()].map((row) => ({ n: Number(row?.['n']) })));
      sqlite.close();
    });

    it('is made once by two processes that start at the same time', async () => {
      const url = await server.newDatabase();
      await server.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public', url);
      const both = await Promise.all([openAt(url), openAt(url)]);
      expect(await both[1].identity.isEmpty()).toBe(true);
      for (const registry of both) await registry.close();
      expect(await server.query('SELECT steps::int FROM schema_version', url)).toEqual([{ steps: MIGRATIONS.length }]);
    });

    it('brings a registry of an earlier release up to date, with what is in it', async () => {
      const url = await server.newDatabase();
      await server.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public', url);
      const earlier = POSTGRES_MIGRATIONS.slice(0, -1).flat();
      await server.query(
        `CREATE TABLE schema_version (steps BIGINT NOT NULL, registry_id TEXT NOT NULL);
         INSERT INTO schema_version VALUES (${MIGRATIONS.length - 1}, 'as before'); ${earlier.join(';')};
         INSERT INTO agencies VALUES ('env', 'env', 1, '{"id":"env"}')`,
        url,
      );
      const registry = await openAt(url);
      expect(registry.id).toBe('as before');
      expect(await registry.as({ kind: 'system', name: 'test' }).agencies.list()).toMatchObject([{ id: 'env' }]);
      await registry.close();
    });

    it('refuses one that a newer release wrote', async () => {
      const url = await server.newDatabase();
      await server.query('UPDATE schema_version SET steps = 999', url);
      await expect(openAt(url)).rejects.toThrow(/newer release/);
    });

    it('will not rewrite history, even when asked in SQL', async () => {
      const url = await server.newDatabase();
      await server.query(
        "INSERT INTO audit (agency_id, at, actor_id, action, target_kind, target_id, body) VALUES ('a', 1, NULL, 'x', 'y', 'z', '{}')",
        url,
      );
      await expect(server.query("UPDATE audit SET action = 'changed'", url)).rejects.toThrow(/append-only/);
      await expect(server.query('DELETE FROM audit', url)).rejects.toThrow(/append-only/);
    });

    it('reads placeholders outside of quotes only', () => {
      expect(numbered(`SELECT '?', "a?" FROM t WHERE a = ? AND b = 'it''s ?' AND c IN (?,?)`)).toBe(
        `SELECT '?', "a?" FROM t WHERE a = $1 AND b = 'it''s ?' AND c IN ($2,$3)`,
      );
    });
  });

  describe('readings beside a registry on PostgreSQL', () => {
    const newFolder = () => mkdtempSync(join(tmpdir(), 'hd-held-'));
    const nextRegistry = async () => {
      const url = await server.newDatabase();
      await server.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public', url);
      return openAt(url);
    };

    it('belong to it from the first start on, and to no other', async () => {
      const [mine, other] = [await nextRegistry(), await nextRegistry()];
      const folder = newFolder();
      expect(isHeldToPostgres(folder)).toBe(false);
      holdToRegistry(folder, mine.id);
      mkdirSync(join(folder, 'journal'));
      holdToRegistry(folder, mine.id);
      expect(isHeldToPostgres(folder)).toBe(true);
      expect(() => holdToRegistry(folder, other.id)).toThrow(RegistryMismatchError);
      await mine.close();
      await other.close();
    });

    it.each(['registry.sqlite', 'journal', 'store'])(
      'are not taken over from a platform that left its %s there',
      (name) => {
        const folder = newFolder();
        mkdirSync(join(folder, name));
        expect(() => holdToRegistry(folder, 'an id')).toThrow(RegistryMismatchError);
        expect(isHeldToPostgres(folder)).toBe(false);
      },
    );
  });

  describe('a PostgreSQL that comes and goes', () => {
    const own = new PostgresServer();
    beforeAll(() => own.start());
    afterAll(() => own.discard());

    it('is waited for while it starts again, and nothing that was promised is gone', async () => {
      const db = await PostgresDatabase.open({ url: await own.newDatabase(), patienceMs: 20_000 });
      await db.run('CREATE TABLE kept (id TEXT PRIMARY KEY)');
      await db.run("INSERT INTO kept VALUES ('before')");
      for (const how of ['fast', 'immediate'] as const) {
        await own.stop(how);
        const waiting = db.run('INSERT INTO kept VALUES (?)', how);
        await own.start();
        await waiting;
      }
      expect(await db.tuples('SELECT id FROM kept ORDER BY id')).toEqual([['before'], ['fast'], ['immediate']]);
      await db.close();
    });

    it('takes back what a process that stands still has begun to write, so that others write on', async () => {
      const url = await own.newDatabase();
      const [still, other] = [await PostgresDatabase.open({ url }), await PostgresDatabase.open({ url })];
      await other.run('CREATE TABLE kept (id TEXT PRIMARY KEY)');
      const written = Promise.withResolvers<void>();
      const halfDone = still.transaction(async () => {
        await still.run("INSERT INTO kept VALUES ('half')");
        await written.promise;
        await still.run("INSERT INTO kept VALUES ('other half')");
      });
      await vi.waitFor(async () =>
        expect(await own.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'", url)).not.toEqual([]),
      );
      await other.run("INSERT INTO kept VALUES ('of another')");
      written.resolve();
      await expect(halfDone).rejects.toThrow(RegistryUnavailableError);
      expect(await other.tuples('SELECT id FROM kept')).toEqual([['of another']]);
      await still.close();
      await other.close();
    });

    it('fails clearly when it stays away or breaks off in the middle, and takes up again by itself', async () => {
      const db = await PostgresDatabase.open({ url: await own.newDatabase(), patienceMs: 0 });
      await db.run('CREATE TABLE kept (id TEXT PRIMARY KEY)');
      const broken = db.transaction(async () => {
        await db.run("INSERT INTO kept VALUES ('half')");
        await own.stop('immediate');
        await db.run("INSERT INTO kept VALUES ('other half')");
      });
      await expect(broken).rejects.toThrow(RegistryUnavailableError);
      await expect(db.get('SELECT 1')).rejects.toThrow(/does not answer/);
      await own.start();
      expect(await db.all('SELECT * FROM kept')).toEqual([]);
      await db.close();
    });
  });
});
