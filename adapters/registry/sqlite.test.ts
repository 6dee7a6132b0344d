import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { epochMs } from '../../domain/time.ts';
import { describeRegistry } from './registry.contract.ts';
import { openSqliteRegistry, RegistryDamagedError } from './sqlite.ts';

const newPath = () => join(mkdtempSync(join(tmpdir(), 'hd-registry-')), 'registry.sqlite');
const openAt = (path: string) => {
  let n = 0;
  return openSqliteRegistry({ path, clock: () => epochMs(Date.now()), newId: () => `id-${process.pid}-${n++}` });
};

describeRegistry('the SQLite registry', () => {
  const path = newPath();
  return async () => openAt(path);
});

describe('the SQLite registry on disk', () => {
  it('refuses a damaged file, says what to do, and leaves it as it is', async () => {
    const path = newPath();
    await openAt(path).close();
    const whole = readFileSync(path);
    const damaged = Buffer.from(whole);
    damaged.fill(0x5a, 4096, Math.min(whole.length, 4096 * 12));
    writeFileSync(path, damaged);
    expect(() => openAt(path)).toThrow(RegistryDamagedError);
    expect(() => openAt(path)).toThrow(/Restore the last backup/);
    expect(readFileSync(path).equals(damaged)).toBe(true);
  });

  it('will not rewrite history, even when asked in SQL', async () => {
    const path = newPath();
    await openAt(path).close();
    const db = new DatabaseSync(path);
    db.exec(
      "INSERT INTO audit (agency_id, at, actor_id, action, target_kind, target_id, body) VALUES ('a', 1, NULL, 'x', 'y', 'z', '{}')",
    );
    expect(() => db.exec("UPDATE audit SET action = 'changed'")).toThrow(/append-only/);
    expect(() => db.exec('DELETE FROM audit')).toThrow(/append-only/);
    db.close();
  });
});
