import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { AgencyId, DeviceId, UserId } from '../../domain/identifiers.ts';
import type { HandoverContent, HandoverId } from '../../domain/shift-handover.ts';
import { epochMs } from '../../domain/time.ts';
import { city } from './registry.contract.ts';
import { MIGRATIONS } from './sql/migrations.ts';
import { openSqliteRegistry, RegistryDamagedError } from './sqlite.ts';
import { STATES_PER_COMMIT } from './sqlite-committing-child.ts';
import { describeWholeRegistry } from './whole-registry.contract.ts';

const newPath = () => join(mkdtempSync(join(tmpdir(), 'hd-registry-')), 'registry.sqlite');
const openAt = (path: string) => {
  let n = 0;
  return openSqliteRegistry({ path, clock: () => epochMs(Date.now()), newId: () => `id-${process.pid}-${n++}` });
};

describeWholeRegistry('the SQLite registry', () => {
  const path = newPath();
  return async () => openAt(path);
});

describe('the SQLite registry on disk', () => {
  it('keeps every span of service and every token of a file from before devices could let themselves in', async () => {
    const path = newPath();
    const before = new DatabaseSync(path);
    for (const step of MIGRATIONS.slice(0, 2)) before.exec(step);
    before.exec(`PRAGMA user_version = 2;
      INSERT INTO agencies VALUES ('env', 'env', 1, '{"id":"env"}');
      INSERT INTO sites VALUES ('s', 'env', 'environment', 'other', NULL, '', 1, '{}');
      INSERT INTO points VALUES ('p', 'env', 's', 'environment', '||', '', 1, '{}');
      INSERT INTO models VALUES ('m', NULL, 1, '{"channels":[],"format":"native-json","rateLimit":null}');
      INSERT INTO devices VALUES ('d-1', 'env', 'm', 'commissioned', 1, '', 1, '{"id":"d-1","agencyId":"env","modelId":"m","serialNumber":null}');
      INSERT INTO assignments (agency_id, device_id, point_id, from_time, to_time, recorded_at) VALUES ('env', 'd-1', 'p', 1, 5, 1), ('env', 'd-1', 'p', 5, NULL, 5);
      INSERT INTO credentials VALUES ('c', 'env', 'd-1', 'hash', '["hd/v1/{id}/#"]', 1, NULL, NULL);`);
    before.close();
    const registry = openAt(path);
    const { devices } = registry.as({ kind: 'system', name: 'test' });
    expect(await devices.assignments({})).toMatchObject([
      { deviceId: 'd-1', from: 1, to: 5 },
      { deviceId: 'd-1', from: 5, to: null },
    ]);
    expect((await registry.directory.device('d-1' as DeviceId))?.credentials).toMatchObject([{ tokenSha256: 'hash' }]);
    await registry.close();
    // Still append-only.
    const after = new DatabaseSync(path);
    expect(() => after.exec('DELETE FROM assignments')).toThrow('append-only');
    expect(() => after.exec('UPDATE assignments SET to_time = 9 WHERE to_time = 5')).toThrow('append-only');
    after.close();
  });

  it('reads the activations of a file from before they were kept out of its alarms’ history', async () => {
    const path = newPath();
    const before = new DatabaseSync(path);
    const step = MIGRATIONS.findIndex((sql) => sql.includes('CREATE TABLE alarm_activations'));
    for (const sql of MIGRATIONS.slice(0, step)) before.exec(sql);
    before.exec(`PRAGMA user_version = ${step};
      INSERT INTO agencies VALUES ('env', 'env', 1, '{"id":"env"}');
      INSERT INTO sites VALUES ('s', 'env', 'environment', 'other', NULL, '', 1, '{}');
      INSERT INTO points VALUES ('p', 'env', 's', 'environment', '||', '', 1, '{}');
      INSERT INTO rules VALUES ('r', 'env', 1, NULL);
      INSERT INTO series (agency_id, point_id, quantity) VALUES ('env', 'p', 'pm2_5');`);
    const alarm = (id: string, suppressed: 0 | 1, ...kinds: string[]) => {
      before.exec(
        `INSERT INTO alarms VALUES ('${id}', 'env', 'r', 1, 'p', 'live', 1, 'new', 'active', 1, NULL, ${suppressed}, ${kinds.length}, '{}')`,
      );
      for (const [i, kind] of kinds.entries())
        before.exec(
          `INSERT INTO alarm_transitions VALUES ('${id}', ${i + 1}, 'env', ${i * 10}, ${i * 10 + 1}, '{"kind":"${kind}","severity":"major"}')`,
        );
    };
    alarm('plain', 0, 'activated', 'cleared', 'reactivated', 'acknowledged', 'commented');
    alarm('shelved', 1, 'activated', 'suppressed', 'cleared', 'reactivated');
    alarm('born hidden', 0, 'activated', 'unsuppressed', 'cleared', 'reactivated');
    alarm('hidden ever since', 1, 'activated');
    before.close();
    await openAt(path).close();
    const after = new DatabaseSync(path);
    const rows = after
      .prepare('SELECT alarm_id, number, hidden, cleared_at, acknowledged_at, severity_rank FROM alarm_activations')
      .all()
      .map((row) => Object.values(row));
    after.close();
    expect(rows.sort()).toEqual([
      ['born hidden', 1, 1, 20, null, 1],
      ['born hidden', 4, 0, null, null, 1],
      ['hidden ever since', 1, 1, null, null, 1],
      ['plain', 1, 0, 10, null, 1],
      ['plain', 3, 0, null, 31, 1],
      ['shelved', 1, 0, 20, null, 1],
      ['shelved', 4, 1, null, null, 1],
    ]);
  });

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

  it('shows that a signed handover was changed behind its back', async () => {
    const path = newPath();
    const registry = openAt(path);
    await registry.seed({ kind: 'system', name: 'test' }, city());
    const agencyId = 'env' as AgencyId;
    const of = () =>
      registry.as({
        kind: 'person',
        userId: 'hoa' as UserId,
        access: { readAgencies: [agencyId], writeAgencies: [agencyId], grants: [] },
        roles: [{ agencyId, role: 'operator' }],
      }).shifts.handovers;
    const signedAt = epochMs(Date.now());
    const span = { from: epochMs(signedAt - 1), to: signedAt };
    const content = {
      ...{
        format: 1,
        agencyId,
        agencyName: { vi: 'a', en: 'a' },
        shift: { ...span, number: 1 },
        covers: span,
        onDuty: [],
      },
      ...{
        summary: {},
        log: {},
        remark: 'yên tĩnh',
        signedBy: { userId: 'hoa', name: 'Hoa' },
        signedAt,
        previous: null,
      },
    } as unknown as HandoverContent;
    const id = 'h-1' as HandoverId;
    expect((await of().sign(id, content, span.from)).isIntact).toBe(true);
    const db = new DatabaseSync(path);
    expect(() => db.exec("UPDATE shift_handovers SET content = replace(content, 'yên tĩnh', 'bão')")).toThrow(
      /append-only/,
    );
    db.exec('DROP TRIGGER shift_handovers_no_update');
    db.exec("UPDATE shift_handovers SET content = replace(content, 'yên tĩnh', 'bão')");
    db.close();
    expect(await of().get(id)).toMatchObject({ isIntact: false, content: { remark: 'bão' } });
    await registry.close();
  });

  it.each([
    ['cut short', (whole: Buffer) => whole.subarray(0, Math.floor(whole.length / 2))],
    ['emptied', () => Buffer.alloc(0)],
    [
      'overwritten with something else',
      () => Buffer.from('this was a shopping list, now it is a registry'.repeat(200)),
    ],
  ])('refuses a file that was %s', async (_, damage) => {
    const path = newPath();
    await openAt(path).close();
    const damaged = damage(readFileSync(path));
    writeFileSync(path, damaged);
    expect(() => openAt(path)).toThrow(RegistryDamagedError);
    expect(readFileSync(path).equals(damaged)).toBe(true);
  });

  it('does not call a file damaged that a newer release wrote', async () => {
    const path = newPath();
    await openAt(path).close();
    const db = new DatabaseSync(path);
    db.exec('PRAGMA user_version = 999');
    db.close();
    expect(() => openAt(path)).toThrow(/newer release/);
    expect(() => openAt(path)).not.toThrow(RegistryDamagedError);
  });

  it('has every finished commit, whole, after SIGKILL at any moment', async () => {
    const path = newPath();
    const script = join(import.meta.dirname, 'sqlite-committing-child.ts');
    let finished = 0;
    for (const stopAfter of [3, 40, 90]) {
      const child = spawn(process.execPath, [script, path, String(finished)], { stdio: ['ignore', 'pipe', 'inherit'] });
      const exited = once(child, 'exit');
      let said = '';
      for await (const chunk of child.stdout) {
        said += String(chunk);
        const lines = said.split('\n').slice(0, -1);
        finished = Number(lines.at(-1) ?? finished);
        if (lines.length >= stopAfter) child.kill('SIGKILL');
      }
      await exited;

      const registry = openAt(path);
      const { cursor, states, openAlarms } = await registry.ruleState.load();
      expect(cursor).toBeGreaterThanOrEqual(finished);
      // Cursor, states and alarms are of one and the same commit.
      expect(states).toHaveLength(STATES_PER_COMMIT);
      for (const { state } of states) expect(new DataView(state.buffer, state.byteOffset).getUint32(0)).toBe(cursor);
      expect(openAlarms).toHaveLength(cursor);
      for (const alarm of openAlarms)
        expect(await registry.as({ kind: 'system', name: 'test' }).alarms.history(alarm.id)).toHaveLength(
          alarm.version,
        );
      expect(await registry.outbox.undelivered(10_000)).toHaveLength(cursor);
      await registry.close();
      finished = cursor;
    }
  });
});
