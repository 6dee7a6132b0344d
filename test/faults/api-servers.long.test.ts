import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { natsPresent, natsVersion } from '../../adapters/nats/nats-server.ts';
import { postgresPresent, postgresVersion } from '../../adapters/registry/postgres-server.ts';
import { influxPresent, influxVersion } from '../../adapters/timeseries/influx-server.ts';
import { hashPassword } from '../../api/auth/passwords.ts';
import type { RouteBodyInput } from '../../api/contract/routes.ts';
import type { Role } from '../../domain/access.ts';
import type { AgencyId, UserId } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { epochMs, minutes } from '../../domain/time.ts';
import { ApiClient } from '../api/api-client.ts';
import { LiveClient } from '../api/live-client.ts';
import { tokenOf } from '../ingest/platform-parts.ts';
import { CityOfProcesses } from './city-of-processes.ts';
import { newFolder, type PlatformProcess } from './platform-process.ts';

const DEVICES = 20;
const EACH = 10_000;
const AT_ONCE = 1_000;
const PASSWORD = 'correct horse battery';
const AGENCY = 'env' as AgencyId;
const SOON = { timeout: 60_000, interval: 100 };
/** A reading a second, up to now. */
const TO = epochMs(Math.floor(Date.now() / 1_000) * 1_000);
const FROM = epochMs(TO - EACH * 1_000);
const isThere = natsPresent && postgresPresent && influxPresent;

describe.skipIf(!isThere)(
  `two API servers as processes on ${natsVersion}, ${postgresVersion}, ${influxVersion}`,
  () => {
    let city: CityOfProcesses;
    let gateway: PlatformProcess;
    let north: PlatformProcess;
    let south: PlatformProcess;
    const exportsFolder = join(newFolder(), 'exports');
    const screens: LiveClient[] = [];
    const urlOf = ({ httpPort }: PlatformProcess): string => `http://127.0.0.1:${httpPort}`;
    const at = (server: PlatformProcess, who: string) => ApiClient.signIn(urlOf(server), who, PASSWORD);
    const startServer = (): Promise<PlatformProcess> => {
      const folder = newFolder();
      symlinkSync(exportsFolder, join(folder, 'exports'));
      return city.start('api', { HD_DATA_DIRECTORY: folder });
    };
    const send = async (device: string, body: unknown): Promise<void> => {
      const { status } = await fetch(`${urlOf(gateway)}/ingest/v1/telemetry`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokenOf(device)}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect(status).toBe(200);
    };

    beforeAll(async () => {
      mkdirSync(exportsFolder);
      const passwordHash = await hashPassword(PASSWORD);
      city = await CityOfProcesses.open(DEVICES, {
        prepare: async (registry) => {
          const { users } = registry.as({ kind: 'system', name: 'test' });
          for (const [loginName, role] of [
            ['ha', 'environment'],
            ['hoa', 'operator'],
          ] as const satisfies readonly (readonly [string, Role])[])
            await users.create(
              {
                ...{ id: `u-${loginName}` as UserId, loginName, displayName: loginName, language: 'vi' },
                roles: [{ agencyId: AGENCY, role }],
              },
              passwordHash,
            );
          await users.create(
            {
              ...{ id: 'u-quan-tri' as UserId, loginName: 'quan-tri', displayName: 'quan-tri', language: 'vi' },
              roles: [{ agencyId: null, role: 'platform_admin' }],
            },
            passwordHash,
          );
        },
      });
      [gateway, north, south] = await Promise.all([
        city.start('gateway'),
        startServer(),
        startServer(),
        city.start('worker'),
      ]);
      for (let from = 0; from < EACH; from += AT_ONCE)
        await Promise.all(
          city.devices.map((device) =>
            send(
              device,
              Array.from({ length: AT_ONCE }, (_, i) => ({
                ts: FROM + (from + i) * 1_000,
                values: { pm2_5: (from + i) % 90 },
              })),
            ),
          ),
        );
      await vi.waitFor(async () => expect(await city.stored()).toBe(DEVICES * EACH), SOON);
    }, 180_000);
    afterEach(() => {
      for (const screen of screens.splice(0)) screen.close();
    });
    afterAll(() => city.close());

    const screenOf = async (server: PlatformProcess, client: ApiClient): Promise<LiveClient> => {
      const screen = new LiveClient(urlOf(server), { cookie: client.cookie });
      screens.push(screen);
      await screen.connected();
      await screen.subscribe();
      return screen;
    };

    it('show what a worker does, run each other’s backtests, and know who looks at an alarm at the other', async () => {
      const { retention } = (await (await at(north, 'quan-tri')).call('GET /operations')).body;
      // A round was finished, which no API server takes.
      expect(retention.finishedAt).not.toBeNull();

      const [here, there] = [await at(north, 'ha'), await at(south, 'ha')];
      const backtest: RouteBodyInput<'POST /backtests'> = {
        ...{ from: FROM, to: TO },
        rule: {
          ...{ agencyId: AGENCY, name: { vi: 'Bụi cao', en: 'Dust' }, advice: null, enabled: true, selection: {} },
          quantity: 'pm2_5' as QuantityKey,
          condition: { kind: 'above', hysteresis: 5, levels: [{ severity: 'major', limit: 50, hold: minutes(0) }] },
          ...{ clearHold: minutes(0), judgeSuspect: true, endsUnacknowledged: [] },
        },
      };
      const params = { backtestId: (await here.call('POST /backtests', { body: backtest })).body.id };
      await vi.waitFor(async () => {
        const { body } = await there.call('GET /backtests/{backtestId}', { params });
        expect(body).toMatchObject({ state: 'done', report: { readings: DEVICES * EACH } });
      }, SOON);
      expect((await there.call('DELETE /backtests/{backtestId}', { params })).status).toBe(204);
      expect((await here.call('GET /backtests/{backtestId}', { params })).status).toBe(404);

      const operator = await at(south, 'hoa');
      const [mine, theirs] = [await screenOf(north, here), await screenOf(south, operator)];
      await send('air-1', { ts: Date.now(), values: { pm2_5: 101 } });
      await vi.waitFor(() => expect([mine, theirs].map(({ alarms }) => alarms.length)).toEqual([1, 1]), SOON);
      let names: readonly string[] = [];
      mine.socket.on('presence', (lookers) => {
        names = lookers.flatMap(({ people }) => people.map(({ name }) => name)).sort();
      });
      for (const { socket, alarms } of [mine, theirs]) socket.emit('look', alarms[0]!.alarm.id);
      await vi.waitFor(() => expect(names).toEqual(['ha', 'hoa']), SOON);
      theirs.close();
      await vi.waitFor(() => expect(names).toEqual(['ha']), SOON);
    }, 180_000);

    it('write an export anew whose server is killed, and take over its screens', async () => {
      const [here, there] = [await at(north, 'ha'), await at(south, 'ha')];
      const before = await screenOf(north, here);
      await before.snapshot();
      const order: RouteBodyInput<'POST /exports'> = {
        ...{
          selection: { quantities: ['pm2_5' as QuantityKey] },
          from: FROM,
          to: TO,
          step: null,
          format: 'xlsx',
          language: 'vi',
        },
      };
      for (let i = 0; i < 3; i++) expect((await here.call('POST /exports', { body: order })).status).toBe(201);
      const states = async () => (await there.call('GET /exports')).body.items.map(({ state }) => state);
      await vi.waitFor(async () => expect((await states()).filter((state) => state === 'running')).toHaveLength(2), {
        ...SOON,
        interval: 20,
      });
      await north.kill();
      const killedAt = performance.now();
      await vi.waitFor(async () => expect(await states()).toEqual(['done', 'done', 'done']), SOON);
      console.log(`all three done ${Math.round(performance.now() - killedAt)} ms after one of two servers was killed`);
      const { items } = (await there.call('GET /exports')).body;
      expect(items.every(({ progress }) => progress.rows === DEVICES * EACH)).toBe(true);
      // One begun anew, two at their first turn; nothing else lies about.
      expect(
        readdirSync(exportsFolder)
          .map((name) => name.replace(/^[^.]+/, ''))
          .sort(),
      ).toEqual(['.1.xlsx', '.1.xlsx', '.2.xlsx']);
      for (const { id: exportId, bytes } of items) {
        const file = await there.call('GET /exports/{exportId}/file', { params: { exportId } });
        expect(file.bytes.length).toBe(bytes);
      }

      expect(before.socket.connected).toBe(false);
      const after = await screenOf(south, there);
      const { seq } = await after.snapshot();
      await send('air-2', { ts: Date.now(), values: { pm2_5: 42 } });
      await vi.waitFor(() => expect([...after.values.values()]).toContain(42), SOON);
      expect([seq, ...after.frames.map(({ frame }) => frame.seq)]).toEqual([1, ...after.frames.map((_, i) => i + 1)]);
    }, 180_000);
  },
);
