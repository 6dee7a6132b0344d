import { constants, existsSync, rmSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { attachment, type Engine, int } from './engine.ts';
import type { StoreFileCopy } from './messages.ts';
import { sync } from './rewriting.ts';

/** Copies a DuckDB file with its log, both as they are: a clone where the file system can. The caller sees to it that nobody writes, or that it shows. */
export async function copyDatabase(path: string, target: string): Promise<void> {
  for (const suffix of ['', '.wal']) {
    rmSync(target + suffix, { force: true });
    if (existsSync(path + suffix)) await copyFile(path + suffix, target + suffix, constants.COPYFILE_FICLONE);
  }
}

let copies = 0;

/**
 * Takes the log into the copy, so that it is one file, lowers its cursor to `cursor`, and counts what is in it. `cursor` null: the file has none
 * (the rollups of dropped weeks).
 * @throws when DuckDB can't open or read it: it is no sound copy.
 */
export async function finishCopy(engine: Engine, target: string, cursor: number | null): Promise<StoreFileCopy> {
  const alias = `copy_${++copies}`;
  const session = await engine.session();
  try {
    await session.run(attachment(target, alias));
    try {
      if (cursor !== null) {
        await session.run(`UPDATE ${alias}.meta SET cursor = ${int(cursor)} WHERE cursor > ${int(cursor)}`);
      }
      await session.run(`CHECKPOINT ${alias}`);
      return { readings: await countReadings(session, alias) };
    } finally {
      await session.run(`DETACH ${alias}`);
      sync(target);
      sync(dirname(target));
    }
  } finally {
    session.close();
  }
}

/** Readings in a copy, which stays as it is. */
export async function countCopy(engine: Engine, path: string): Promise<number> {
  const alias = `copy_${++copies}`;
  const session = await engine.session();
  try {
    await session.run(`ATTACH '${path.replaceAll("'", "''")}' AS ${alias} (READ_ONLY)`);
    try {
      return await countReadings(session, alias);
    } finally {
      await session.run(`DETACH ${alias}`);
    }
  } finally {
    session.close();
  }
}

/** Readings kept in an attached file; repeated ones that are not yet sealed are counted twice. 0 for the rollups of dropped weeks. */
async function countReadings(session: Awaited<ReturnType<Engine['session']>>, alias: string): Promise<number> {
  const tables = await session.query(
    `SELECT count(*)::DOUBLE FROM duckdb_tables() WHERE database_name = '${alias}' AND table_name = 'tail'`,
  );
  if (tables.columns[0]![0] === 0) return 0;
  const counted = await session.query(
    `SELECT ((SELECT count(*) FROM ${alias}.tail) + (SELECT count(*) FROM ${alias}.sorted))::DOUBLE`,
  );
  return counted.columns[0]![0]!;
}
