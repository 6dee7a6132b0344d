import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { milliseconds, seconds } from '../../domain/time.ts';
import { gridCity, openCorrelatedCity } from './correlated-city.ts';

type City = Awaited<ReturnType<typeof openCorrelatedCity>>;
const open: City[] = [];
const folder = () => mkdtempSync(join(tmpdir(), 'hd-incidents-'));
const city = async (...given: Parameters<typeof openCorrelatedCity>): Promise<City> => {
  const opened = await openCorrelatedCity(...given);
  open.push(opened);
  return opened;
};
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const metersOf = (t: number, n: number) => Array.from({ length: n }, (_, m) => `t${t}m${m}`);
const settled = (one: City) =>
  vi.waitFor(async () => expect(await one.isAllHeard()).toBe(true), { timeout: 30_000, interval: 20 });

it('makes one incident of a dead transformer, adds what comes later, and ends it when all are supplied again', async () => {
  const street = await city(folder(), gridCity(3, 4));
  await street.correlator.start();
  await street.lose(metersOf(0, 2));
  await settled(street);
  await street.lose(['t0m2', 't1m0']);
  await settled(street);
  const [incident, ...others] = await street.incidents();
  expect(others).toEqual([]);
  expect(incident).toMatchObject({
    incident: { cause: { kind: 'site', siteId: 't0', inferred: true }, endedAt: null },
    summary: { members: 3, active: 3, unacknowledged: 3 },
  });
  await street.supply(metersOf(0, 3));
  for (const { of } of await street.view.incidents.members(incident!.incident.id))
    await street.view.alarms.work(of.id as never, { kind: 'acknowledge', by: 'hoa' as never }, Date.now() as never);
  street.bus.publish('alarm.changed', {} as never);
  await settled(street);
  expect(await street.incidents()).toMatchObject([
    { incident: { endedAt: expect.any(Number) }, summary: { active: 0 } },
  ]);
  const kinds = (await street.view.incidents.history(incident!.incident.id)).map(({ kind }) => kind);
  expect(kinds).toEqual(['opened', 'joined', 'ended']);
});

it('doubles nothing and forgets nothing when it is cut off anywhere and begins again', async () => {
  const place = folder();
  const first = await city(place, gridCity(2, 4));
  const { commit } = first.registry.incidents;
  // Cut off before anything was written: what was to be heard waits.
  first.registry.incidents.commit = () => Promise.reject(new Error('cut off'));
  await first.correlator.start();
  await first.lose(metersOf(0, 3));
  await vi.waitFor(() => expect(first.problems).toHaveLength(1));
  expect([await first.isAllHeard(), await first.incidents()]).toEqual([false, []]);
  first.registry.incidents.commit = commit;
  await first.close();
  open.length = 0;
  // Cut off right after: it is there, and stays as it is.
  const second = await city(place, gridCity(2, 4));
  await second.correlator.start();
  await settled(second);
  const before = await second.incidents();
  await second.close();
  open.length = 0;
  const third = await city(place, gridCity(2, 4));
  await third.correlator.start();
  await vi.waitFor(() => expect(third.correlator.status()).toMatchObject({ signals: 3, openIncidents: 1 }));
  expect(before).toMatchObject([{ summary: { members: 3 } }]);
  expect(await third.incidents()).toEqual(before);
});

it('leaves what people did as it is, and goes on from there', async () => {
  const street = await city(folder(), gridCity(1, 6));
  await street.correlator.start();
  await street.lose(metersOf(0, 4));
  await settled(street);
  const [{ incident }] = (await street.incidents()) as [Awaited<ReturnType<City['incidents']>>[number]];
  const [member] = await street.view.incidents.members(incident.id);
  await street.view.incidents.remove(incident.id, [member!.key], incident.version);
  street.bus.publish('incident.changed', { incidentId: incident.id, points: [], by: 'hoa' as never });
  await street.lose(['t0m4', 't0m5']);
  await settled(street);
  expect(await street.incidents()).toMatchObject([{ incident: { id: incident.id }, summary: { members: 5 } }]);
});

it('takes devices that are lost together for one incident once they have been away for a while, and not those that say goodbye', async () => {
  const grid = gridCity(1, 3);
  const devices = grid.points.map(({ id }, i) => ({
    ...{ id: `d-${i}` as never, agencyId: 'power' as never, modelId: 'm' as never, serialNumber: null },
    ...{ state: 'commissioned' as const, tokenSha256: null, serves: [id] },
  }));
  const channels = [{ key: 'power_present', quantity: 'power_present' as never, plausibleRange: null }];
  const model = {
    id: 'm' as never,
    agencyId: null,
    maker: 'M',
    name: 'M',
    domain: 'power' as const,
    format: 'native-json',
  };
  const models = [{ ...model, channels, expectedInterval: seconds(60), rateLimit: null }];
  const street = await city(folder(), { ...grid, devices, models }, { awayFor: milliseconds(40) });
  await street.correlator.start();
  const status = (deviceId: string, online: boolean, reason: string) =>
    street.bus.publish('device.status', {
      deviceId: deviceId as never,
      agencyId: 'power' as never,
      online,
      reason,
      at: Date.now() as never,
    });
  status('d-0', false, 'disconnected');
  status('d-1', false, 'lost');
  status('d-2', false, 'last_will');
  await vi.waitFor(async () =>
    expect(await street.incidents()).toMatchObject([
      { incident: { cause: { kind: 'site', siteId: 't0', inferred: true } }, summary: { devices: 2, active: 2 } },
    ]),
  );
  status('d-1', true, 'connected');
  status('d-2', true, 'connected');
  await vi.waitFor(async () =>
    expect(await street.incidents()).toMatchObject([
      { incident: { endedAt: expect.any(Number) }, summary: { active: 0 } },
    ]),
  );
});

it('puts a flood of alarms together in time that grows with their number, not with its square', async () => {
  const PORTION = 100;
  const seconds = async (transformers: number): Promise<number> => {
    const street = await city(folder(), gridCity(transformers, 10), { lookEvery: milliseconds(50) });
    await street.correlator.start();
    const sites = Array.from({ length: transformers }, (_, t) => metersOf(t, 10)).flat();
    // Each transformer's meters come one by one, between those of all the others: the worst order.
    sites.sort((a, b) => a.slice(a.indexOf('m')).localeCompare(b.slice(b.indexOf('m'))));
    const started = process.cpuUsage();
    for (let i = 0; i < sites.length; i += PORTION) {
      await street.lose(sites.slice(i, i + PORTION));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await settled(street);
    const { user, system } = process.cpuUsage(started);
    const found = await street.incidents();
    expect(found).toHaveLength(transformers);
    expect(found.every(({ summary }) => summary.members === 10)).toBe(true);
    expect(street.problems).toEqual([]);
    return (user + system) / 1e6;
  };
  const small = await seconds(30);
  const large = await seconds(300);
  console.log(`300 alarms: ${small.toFixed(2)} s of computing; 3,000 alarms: ${large.toFixed(2)} s`);
  expect(large).toBeLessThan(small * 40 + 2);
}, 60_000);
