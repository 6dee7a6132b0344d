import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SettingsSchema } from '../../config/settings.ts';
import { epochMs } from '../../domain/time.ts';
import { openSqliteRegistry } from '../registry/sqlite.ts';
import { examine } from './doctor-command.ts';
import { clockIsSet, nodeVersion, openFiles } from './machine.ts';

const newFolder = () => mkdtempSync(join(tmpdir(), 'hd-doctor-'));
const now = new Date('2026-11-26T03:00:00Z');
const settings = SettingsSchema.parse({});
/** Verdicts by name of the check. */
async function verdicts(environment: Record<string, string>): Promise<Record<string, string>> {
  const ports = { HD_HTTP_PORT: '0', HD_MQTT_PORT: '0' };
  const findings = await examine({ ...ports, ...environment }, now);
  return Object.fromEntries(findings.map(({ check, verdict }) => [check, verdict]));
}
const words = async (environment: Record<string, string>, check: string): Promise<string> =>
  (await examine({ HD_HTTP_PORT: '0', HD_MQTT_PORT: '0', ...environment }, now)).find((f) => f.check === check)?.text
    .en ?? '';

describe('The doctor', () => {
  it('finds nothing to mend on a machine where nothing has started yet', async () => {
    const found = await verdicts({ HD_DATA_DIRECTORY: join(newFolder(), 'data') });
    expect(Object.values(found)).not.toContain('problem');
    expect(found).toMatchObject({ node: 'ok', settings: 'ok', registry: 'ok', data_directory: 'ok', port_http: 'ok' });
  });

  it('counts what a registry holds, and knows one that is damaged or gone', async () => {
    const folder = newFolder();
    const path = join(folder, 'registry.sqlite');
    const registry = openSqliteRegistry({ path, clock: () => epochMs(now.getTime()), newId: String });
    await registry.close();
    expect(await words({ HD_DATA_DIRECTORY: folder }, 'registry')).toContain('0 devices');

    writeFileSync(path, 'not SQLite');
    expect(await verdicts({ HD_DATA_DIRECTORY: folder })).toMatchObject({ registry: 'problem' });

    const orphaned = newFolder();
    mkdirSync(join(orphaned, 'store'));
    expect(await words({ HD_DATA_DIRECTORY: orphaned }, 'registry')).toContain('npm run restore');
  });

  it('names the port that is taken, and the variable to set', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '::', resolve));
    const { port } = taken.address() as { port: number };
    const said = await words({ HD_DATA_DIRECTORY: newFolder(), HD_MQTT_PORT: String(port) }, 'port_mqtt');
    taken.close();
    expect(said).toContain(`Port ${port}`);
    expect(said).toContain('HD_MQTT_PORT');
  });

  it('gives the settings’ own words when they are wrong, and looks no further', async () => {
    const found = await examine({ HD_MQTT_PROT: '1883' }, now);
    expect(found.map(({ check }) => check)).toEqual(['node', 'settings']);
    expect(found[1]).toMatchObject({ verdict: 'problem', text: { en: expect.stringContaining('HD_MQTT_PROT') } });
  });

  it('sees files that were set aside, an InfluxDB that is not there, a certificate that can not be read', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'store', 'damaged'), { recursive: true });
    mkdirSync(join(folder, 'journal'));
    writeFileSync(join(folder, 'store', 'damaged', 'week-2026-11-23.duckdb'), '');
    writeFileSync(join(folder, 'journal', 'journal.mdb'), 'not LMDB');
    expect(
      await verdicts({
        HD_DATA_DIRECTORY: folder,
        HD_STORE_ENGINE: 'influxdb',
        HD_STORE_URL: 'http://127.0.0.1:9',
        HD_MQTT_TLS_CERTIFICATE_FILE: join(folder, 'none.pem'),
        HD_MQTT_TLS_KEY_FILE: join(folder, 'none.pem'),
      }),
    ).toMatchObject({ damaged_files: 'warning', journal: 'warning', influxdb: 'problem', certificate: 'problem' });
  });

  it('knows an old Node, an unset clock, too few open files', () => {
    expect(nodeVersion('20.20.2').verdict).toBe('problem');
    expect(nodeVersion('24.21.0').verdict).toBe('ok');
    expect(clockIsSet(new Date(0), null).verdict).toBe('problem');
    expect(clockIsSet(now, false).verdict).toBe('warning');
    expect(clockIsSet(now, null).verdict).toBe('ok');
    expect(openFiles(1_024, settings).verdict).toBe('warning');
    expect(openFiles(1_048_576, settings).verdict).toBe('ok');
  });
});
