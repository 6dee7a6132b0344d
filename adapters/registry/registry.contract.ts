import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor, SharingGrant } from '../../domain/access.ts';
import { applyConditionEvent } from '../../domain/alarm-machine.ts';
import type { DeviceStatusChange } from '../../domain/asset.ts';
import type { Notice } from '../../domain/events.ts';
import type {
  AgencyId,
  ApiKeyId,
  CredentialId,
  DeviceId,
  DeviceModelId,
  PointId,
  RuleId,
  SeriesId,
  SiteId,
  UserId,
} from '../../domain/identifiers.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import type { CitySeed, OutboxMessage, Registry } from '../../domain/ports/registry.ts';
import { QUALITY } from '../../domain/quality.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { epochMs, milliseconds, seconds } from '../../domain/time.ts';

const system: Actor = { kind: 'system', name: 'test' };
const ENV = 'env' as AgencyId;
const POWER = 'power' as AgencyId;
const PM = 'pm2_5' as QuantityKey;
const person = (id: string, agency: AgencyId, grants: SharingGrant[] = []): Actor => ({
  kind: 'person',
  userId: id as UserId,
  access: { readAgencies: [agency], writeAgencies: [agency], grants },
  roles: [{ agencyId: agency, role: 'agency_admin' }],
});
const sha = (text: string) => createHash('sha256').update(text).digest('hex');

/** Two agencies with one station each. */
export const city = (): CitySeed => {
  const one = (agency: AgencyId, domain: 'environment' | 'power', quantity: QuantityKey) => {
    const location = { longitude: 106.68, latitude: 20.86 };
    const name = { vi: `Trạm Lê Chân ${agency}`, en: `Le Chan station ${agency}` };
    return {
      agency: { id: agency, name },
      model: {
        id: `m-${agency}` as DeviceModelId,
        agencyId: agency,
        maker: 'M',
        name: 'M1',
        domain,
        format: 'native-json',
        channels: [{ key: quantity, quantity, plausibleRange: null }],
        expectedInterval: seconds(60),
        rateLimit: null,
      },
      site: {
        id: `s-${agency}` as SiteId,
        agencyId: agency,
        kind: 'air_station' as const,
        domain,
        name,
        location,
        wardCode: null,
        parentId: null,
        tags: [],
      },
      point: {
        id: `p-${agency}` as PointId,
        agencyId: agency,
        siteId: `s-${agency}` as SiteId,
        domain,
        name,
        location,
        wardCode: null,
        tags: ['school'],
        quantities: [quantity],
      },
      device: {
        id: `d-${agency}` as DeviceId,
        agencyId: agency,
        modelId: `m-${agency}` as DeviceModelId,
        serialNumber: null,
        state: 'commissioned' as const,
        tokenSha256: sha(agency),
        serves: [`p-${agency}` as PointId],
      },
    };
  };
  const parts = [one(ENV, 'environment', PM), one(POWER, 'power', 'voltage' as QuantityKey)];
  return {
    agencies: parts.map((p) => p.agency),
    models: parts.map((p) => p.model),
    sites: parts.map((p) => p.site),
    links: [],
    points: parts.map((p) => p.point),
    devices: parts.map((p) => p.device),
    rules: [
      {
        id: 'r1' as RuleId,
        agencyId: ENV,
        name: { vi: 'Bụi mịn', en: 'PM2.5' },
        advice: null,
        enabled: true,
        quantity: PM,
        selection: {},
        condition: { kind: 'above', levels: [{ severity: 'major', limit: 50, hold: milliseconds(0) }], hysteresis: 5 },
        clearHold: milliseconds(0),
        judgeSuspect: true,
        endsUnacknowledged: [],
      },
    ],
  };
};

/** What every registry does. `newPlace` gives a function that opens the same, at first empty, registry again and again. */
export function describeRegistry(name: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${name} keeps the Registry contract`, () => {
    let open: () => Promise<Registry>;
    let registry: Registry;
    beforeEach(async () => {
      open = newPlace();
      registry = await open();
      await registry.seed(system, city());
    });
    afterEach(() => registry.close());

    const series = async (): Promise<SeriesId> =>
      (await registry.directory.series()).find((s) => s.quantity === PM)!.series;
    /** Raises an alarm of rule r1, as the rules consumer would. */
    const raise = async (at: number, cursor = 1) => {
      const rule = (await registry.ruleState.liveRules())[0]!;
      const change = applyConditionEvent(
        null,
        { kind: 'activated', at: epochMs(at), severity: 'major', value: 60, limit: 50, suspect: false },
        { rule, series: await series(), pointId: 'p-env' as PointId, recordedAt: epochMs(at) },
      )!;
      const commit = {
        cursor: cursor as JournalSequence,
        states: [{ series: await series(), state: new Uint8Array([1, 2]) }],
        jointStates: [{ key: 'r|p', state: new Uint8Array([3]) }],
        changes: [change],
        outbox: [],
      };
      await registry.ruleState.commit(commit);
      return { change, commit };
    };

    it('numbers points once, whoever asks first, and gives no number twice', async () => {
      const [first, same] = await Promise.all([registry.directory.pointNumbers(), registry.directory.pointNumbers()]);
      expect(same).toEqual(first);
      const seeded = city().points.map(({ id }) => id);
      expect([...first.numbers.keys()].sort()).toEqual(seeded.toSorted());
      expect(new Set(first.numbers.values()).size).toBe(seeded.length);
      await registry.close();
      registry = await open();
      const [like] = city().points;
      await registry.seed(system, { ...city(), points: [{ ...like!, id: 'p-0' as PointId }] });
      const { epoch, numbers } = await registry.directory.pointNumbers();
      expect(epoch).toBe(first.epoch);
      for (const [id, number] of first.numbers) expect(numbers.get(id)).toBe(number);
      expect(numbers.get('p-0' as PointId)).toBeGreaterThan(Math.max(...first.numbers.values()));
    });

    it('seeds a city once: a second time changes nothing', async () => {
      const again = await registry.seed(system, city());
      expect(again.created).toBe(0);
      expect(again.existing).toBeGreaterThan(8);
    });

    it('gives the ingest path each device with its live credentials and the series it serves', async () => {
      expect(await registry.directory.device('d-env' as DeviceId)).toMatchObject({
        agencyId: ENV,
        format: 'native-json',
        credentials: [{ tokenSha256: sha('env') }],
      });
      const [entry] = (await registry.directory.devices()).filter((d) => d.deviceId === 'd-env');
      expect(entry?.channels.get('pm2_5')).toEqual({
        series: await series(),
        quantity: PM,
        plausibleRange: null,
        unit: null,
      });
    });

    it('shows people their own agency only; the rest is not there', async () => {
      const mine = registry.as(person('u1', ENV));
      expect((await mine.points.list({}, { limit: 10 })).items.map((p) => p.id)).toEqual(['p-env']);
      await expect(mine.points.get('p-power' as PointId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(mine.devices.get('d-power' as DeviceId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      const theirs = await registry.as(system).points.get('p-power' as PointId);
      await expect(mine.points.update(theirs)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('shows what is shared, read-only, and by its exact part', async () => {
      const grant: SharingGrant = {
        id: 'g',
        agencyId: POWER,
        toAgencyId: ENV,
        domain: null,
        siteId: null,
        tag: 'school',
      };
      const mine = registry.as(person('u1', ENV, [grant]));
      const shared = await mine.points.get('p-power' as PointId);
      await expect(mine.points.update(shared)).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
      const other = registry.as(person('u1', ENV, [{ ...grant, tag: 'hospital' }]));
      await expect(other.points.get('p-power' as PointId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('refuses an edit based on an old version', async () => {
      const mine = registry.as(person('u1', ENV));
      const point = await mine.points.get('p-env' as PointId);
      const edited = await mine.points.update({ ...point, name: { vi: 'Trạm mới', en: 'New station' } });
      expect(edited.version).toBe(2);
      await expect(mine.points.update(point)).rejects.toMatchObject({ code: 'CONFLICT' });
    });

    it('leaves an audit row of every write by a person, without secrets', async () => {
      const mine = registry.as(person('u1', ENV));
      await mine.devices.addCredential({
        id: 'c2' as CredentialId,
        deviceId: 'd-env' as DeviceId,
        kind: 'token',
        tokenSha256: sha('new'),
        topicFilters: ['hd/v1/{id}/#'],
        expiresAt: null,
      });
      const { items } = await mine.audit.list({}, { limit: 10 });
      expect(items[0]).toMatchObject({
        action: 'credential.create',
        targetId: 'd-env',
        actor: { kind: 'person', userId: 'u1' },
      });
      expect(JSON.stringify(items)).not.toContain(sha('new'));
    });

    it('knows a credential the moment it is made and no more the moment it is revoked', async () => {
      const mine = registry.as(person('u1', ENV));
      await mine.devices.addCredential({
        id: 'c2' as CredentialId,
        deviceId: 'd-env' as DeviceId,
        kind: 'token',
        tokenSha256: sha('new'),
        topicFilters: [],
        expiresAt: null,
      });
      expect((await registry.directory.device('d-env' as DeviceId))?.credentials).toHaveLength(2);
      await mine.devices.revokeCredential('d-env' as DeviceId, 'c2' as CredentialId);
      expect((await registry.directory.device('d-env' as DeviceId))?.credentials).toHaveLength(1);
    });

    it('keeps the history with the point when hardware is swapped', async () => {
      const mine = registry.as(person('u1', ENV));
      await mine.devices.create({
        id: 'd-new' as DeviceId,
        agencyId: ENV,
        modelId: 'm-env' as DeviceModelId,
        serialNumber: null,
        state: 'claimed',
      });
      const before = await series();
      const at = epochMs(4e12);
      await mine.devices.assign({ deviceId: 'd-new' as DeviceId, pointId: 'p-env' as PointId, from: at });
      expect((await registry.directory.device('d-new' as DeviceId))?.channels.get('pm2_5')?.series).toBe(before);
      expect((await registry.directory.device('d-env' as DeviceId))?.channels.size).toBe(0);
      const both = await mine.devices.assignments({ pointId: 'p-env' as PointId });
      expect(both).toMatchObject([
        { deviceId: 'd-env', to: at },
        { deviceId: 'd-new', to: null },
      ]);
    });

    it('commits cursor, states and alarms together, keeps them over a restart, and the same commit again changes nothing', async () => {
      const { change, commit } = await raise(1000);
      await registry.ruleState.commit(commit);
      await registry.close();
      registry = await open();
      const loaded = await registry.ruleState.load();
      expect(loaded.cursor).toBe(1);
      expect(loaded.openAlarms).toEqual([change.alarm]);
      expect([...loaded.states[0]!.state]).toEqual([1, 2]);
      expect(await registry.as(system).alarms.history(change.alarm.id)).toHaveLength(1);
    });

    it('refuses a commit that does not know what a person did meanwhile, and keeps nothing of it', async () => {
      const { change, commit } = await raise(1000);
      await registry
        .as(person('u1', ENV))
        .alarms.work(change.alarm.id, { kind: 'acknowledge', by: 'u1' as UserId }, epochMs(2000));
      const rule = (await registry.ruleState.liveRules())[0]!;
      const stale = applyConditionEvent(
        change.alarm,
        { kind: 'cleared', at: epochMs(3000), value: 1, worstValue: 9, suspect: false },
        { rule, series: await series(), pointId: 'p-env' as PointId, recordedAt: epochMs(3000) },
      )!;
      await expect(
        registry.ruleState.commit({ ...commit, cursor: 9 as JournalSequence, changes: [stale] }),
      ).rejects.toMatchObject({ code: 'CONFLICT' });
      expect((await registry.ruleState.load()).cursor).toBe(1);
    });

    it('lets people work on alarms they may see, keeps who and when, and counts what is open', async () => {
      const { change } = await raise(1000);
      const mine = registry.as(person('u1', ENV));
      expect(await mine.alarms.counts()).toEqual([{ severity: 'major', work: 'new', condition: 'active', count: 1 }]);
      const { alarm } = await mine.alarms.work(
        change.alarm.id,
        { kind: 'acknowledge', by: 'u1' as UserId, note: 'on my way' },
        epochMs(2000),
      );
      expect(alarm.work).toBe('acknowledged');
      expect((await mine.alarms.history(alarm.id)).at(-1)).toMatchObject({
        kind: 'acknowledged',
        by: 'u1',
        note: 'on my way',
        eventTime: 2000,
      });
      await expect(
        mine.alarms.work(
          alarm.id,
          { kind: 'resolve', by: 'u1' as UserId, note: 'x', version: alarm.version },
          epochMs(2500),
        ),
      ).rejects.toMatchObject({ code: 'INVALID_STATE' });
      await expect(registry.as(person('u2', POWER)).alarms.get(alarm.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('pages alarms without missing or repeating one', async () => {
      for (let i = 1; i <= 7; i++) await raise(i * 1000, i);
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await registry
          .as(system)
          .alarms.list({ open: true }, after === undefined ? { limit: 3 } : { limit: 3, after });
        seen.push(...page.items.map((a) => String(a.startedAt)));
        after = page.next ?? undefined;
      } while (after !== undefined);
      expect(seen).toEqual(['7000', '6000', '5000', '4000', '3000', '2000', '1000']);
    });

    it('keeps every version of a rule, and judges a withdrawn one no more', async () => {
      const mine = registry.as(person('u1', ENV));
      const rule = await mine.rules.get('r1' as RuleId);
      const next = await mine.rules.update({ ...rule, clearHold: seconds(5) });
      expect((await mine.rules.versions(rule.id)).map((r) => r.clearHold)).toEqual([0, 5000]);
      await expect(mine.rules.update(rule)).rejects.toMatchObject({ code: 'CONFLICT' });
      await mine.rules.withdraw(rule.id, next.version);
      expect(await registry.ruleState.liveRules()).toEqual([]);
    });

    it('finds by words without diacritics, only what may be seen', async () => {
      const found = await registry.as(person('u1', ENV)).search('le chan', 10);
      expect(found.map((f) => `${f.kind}:${f.id}`)).toEqual(['point:p-env', 'site:s-env']);
    });

    it('never shares keys, credentials or the audit, not even with whom a whole agency is shared', async () => {
      const grant = { id: 'g', agencyId: POWER, toAgencyId: ENV, domain: null, siteId: null, tag: null };
      await registry.as(person('u2', POWER)).apiKeys.create({
        id: 'k1' as ApiKeyId,
        agencyId: POWER,
        name: 'export',
        secretSha256: sha('key'),
        roles: [{ agencyId: POWER, role: 'viewer' }],
        expiresAt: null,
      });
      expect(await registry.as(person('u2', POWER)).apiKeys.list()).toHaveLength(1);
      const mine = registry.as(person('u1', ENV, [grant]));
      expect((await mine.devices.get('d-power' as DeviceId)).agencyId).toBe(POWER);
      await expect(mine.devices.credentials('d-power' as DeviceId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await mine.apiKeys.list()).toEqual([]);
      expect((await mine.audit.list({}, { limit: 100 })).items).toEqual([]);
    });

    it('lets nobody hang things on what they cannot see', async () => {
      const mine = registry.as(person('u1', ENV));
      const point = await mine.points.get('p-env' as PointId);
      await expect(mine.points.update({ ...point, siteId: 's-power' as SiteId })).rejects.toMatchObject({
        code: 'REFERENCE_MISSING',
      });
      const device = await mine.devices.get('d-env' as DeviceId);
      await expect(mine.devices.update({ ...device, modelId: 'm-power' as DeviceModelId })).rejects.toMatchObject({
        code: 'REFERENCE_MISSING',
      });
      await expect(
        mine.sites.link({ agencyId: ENV, from: 's-env' as SiteId, to: 's-power' as SiteId, kind: 'feeds' }),
      ).rejects.toMatchObject({ code: 'REFERENCE_MISSING' });
      expect((await mine.audit.list({}, { limit: 100 })).items).toEqual([]);
    });

    it('lets nobody seed what belongs to an agency they may not write, and keeps nothing of such a seed', async () => {
      const start = await registry.as(system).agencies.list();
      const more = city();
      const another = { id: 'water' as AgencyId, name: { vi: 'Nước', en: 'Water' } };
      await expect(
        registry.seed(person('u1', ENV), { ...more, agencies: [...more.agencies, another] }),
      ).rejects.toMatchObject({ code: 'NOT_FOUND' });
      const point = { ...more.points[0]!, id: 'p-lost' as PointId, siteId: 's-nowhere' as SiteId };
      await expect(registry.seed(system, { ...more, agencies: [another], points: [point] })).rejects.toMatchObject({
        code: 'REFERENCE_MISSING',
      });
      expect(await registry.as(system).agencies.list()).toEqual(start);
    });

    it('adds quantities to many points at once, or to none', async () => {
      const mine = registry.as(person('u1', ENV));
      const [p, q] = ['p-many-1', 'p-many-2'].map((id) => id as PointId) as [PointId, PointId];
      const [first] = (await mine.points.list({}, { limit: 1 })).items;
      const noise = 'noise_level' as QuantityKey;
      const wind = 'wind_speed' as QuantityKey;
      for (const id of [p, q]) await mine.points.create({ ...first!, id, quantities: [wind] });
      const additions = [p, q].flatMap((pointId) => [wind, noise].map((quantity) => ({ pointId, quantity })));
      const extended = await mine.points.addQuantities(additions);
      expect(extended.map(({ id, series }) => [id, series.map(({ quantity }) => quantity).sort()])).toEqual([
        [p, [noise, wind]],
        [q, [noise, wind]],
      ]);
      const rain = 'rain_intensity' as QuantityKey;
      const lost = { pointId: 'p-nowhere' as PointId, quantity: rain };
      await expect(mine.points.addQuantities([{ pointId: p, quantity: rain }, lost])).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
      expect((await mine.points.get(p)).series).toHaveLength(2);
    });

    it('lets a second device serve other quantities of the same point, and records an end in the life of the device it ends for', async () => {
      const mine = registry.as(person('u1', ENV));
      const noise = 'noise_level' as QuantityKey;
      await mine.points.addQuantity('p-env' as PointId, noise);
      const model = await mine.models.get('m-env' as DeviceModelId);
      const ear = await mine.models.create({
        ...model,
        id: 'm-ear' as DeviceModelId,
        channels: [{ key: 'laeq', quantity: noise, plausibleRange: null }],
      });
      await mine.devices.create({
        id: 'd-ear' as DeviceId,
        agencyId: ENV,
        modelId: ear.id,
        serialNumber: null,
        state: 'claimed',
      });
      const at = epochMs(4e12);
      await mine.devices.assign({ deviceId: 'd-ear' as DeviceId, pointId: 'p-env' as PointId, from: at });
      expect([...(await registry.directory.device('d-env' as DeviceId))!.channels.keys()]).toEqual(['pm2_5']);
      expect([...(await registry.directory.device('d-ear' as DeviceId))!.channels.keys()]).toEqual(['laeq']);

      await mine.devices.create({
        id: 'd-new' as DeviceId,
        agencyId: ENV,
        modelId: 'm-env' as DeviceModelId,
        serialNumber: null,
        state: 'claimed',
      });
      await mine.devices.assign({ deviceId: 'd-new' as DeviceId, pointId: 'p-env' as PointId, from: at });
      expect((await mine.devices.activities('d-env' as DeviceId))[0]).toMatchObject({
        kind: 'unassigned',
        text: { key: 'activity.unassigned', params: { point: 'p-env' } },
        eventTime: at,
        by: 'u1',
      });
      expect((await registry.directory.device('d-ear' as DeviceId))!.channels.size).toBe(1);
    });

    it('keeps a model’s codec and the units its channels are sent in, and gives them to the ingest path with the serial number', async () => {
      const mine = registry.as(person('u1', ENV));
      const source = 'function decodeUplink(input) { return { data: { pm: input.bytes[0] } }; } // µg/m³';
      const model = await mine.models.get('m-env' as DeviceModelId);
      const lora = await mine.models.create({
        ...model,
        id: 'm-lora' as DeviceModelId,
        format: 'codec',
        codec: source,
        channels: [{ key: 'pm', quantity: PM, plausibleRange: null, unit: 'mg/m3' }],
      });
      expect(await mine.models.get(lora.id)).toMatchObject({ codec: source, channels: [{ unit: 'mg/m3' }] });
      const id = 'd-lora' as DeviceId;
      await mine.devices.create({
        id,
        agencyId: ENV,
        modelId: lora.id,
        serialNumber: '0101010101010101',
        state: 'claimed',
      });
      await mine.devices.assign({ deviceId: id, pointId: 'p-env' as PointId, from: epochMs(4e12) });
      expect(await registry.directory.device(id)).toMatchObject({
        serialNumber: '0101010101010101',
        format: 'codec',
        codec: source,
      });
      expect((await registry.directory.device(id))?.channels.get('pm')?.unit).toBe('mg/m3');
      await mine.models.update({ ...lora, codec: null });
      expect((await registry.directory.device(id))?.codec).toBeNull();
      expect((await registry.directory.device('d-env' as DeviceId))?.codec).toBeNull();
    });

    it('takes the same step evaluated again at another moment for the same, and removes an emptied state', async () => {
      const { change, commit } = await raise(1000);
      const again = change.transitions.map((line) => ({ ...line, recordedAt: epochMs(line.recordedAt + 5000) }));
      await registry.ruleState.commit({
        ...commit,
        cursor: 2 as JournalSequence,
        states: [{ series: await series(), state: new Uint8Array() }],
        jointStates: [{ key: 'r|p', state: new Uint8Array() }],
        changes: [{ alarm: change.alarm, transitions: again }],
      });
      const loaded = await registry.ruleState.load();
      expect(loaded).toMatchObject({ cursor: 2, states: [], jointStates: [] });
      expect(await registry.as(system).alarms.history(change.alarm.id)).toEqual(change.transitions);
    });

    it('writes what is to be told with the step that caused it, once, and forgets it when it is delivered', async () => {
      const { change, commit } = await raise(1000);
      const message: OutboxMessage = {
        id: `${change.alarm.id}#1`,
        agencyId: ENV,
        kind: 'alarm.raised',
        text: { key: 'alarm.raised', params: { value: 60 } },
        alarmId: change.alarm.id,
        createdAt: epochMs(1000),
        deliveredAt: null,
      };
      await registry.ruleState.commit({ ...commit, outbox: [message] });
      await registry.ruleState.commit({ ...commit, outbox: [message] });
      expect(await registry.outbox.undelivered(10)).toEqual([message]);
      await registry.outbox.delivered(message.id, epochMs(2000));
      expect(await registry.outbox.undelivered(10)).toEqual([]);
      await registry.ruleState.commit({ ...commit, outbox: [message] });
      expect(await registry.outbox.undelivered(10)).toEqual([]);
    });

    it('finds the occurrences of a rule on a series that touch a span', async () => {
      const { change } = await raise(5000);
      const find = async (from: number, to: number) =>
        (await registry.ruleState.occurrences('r1' as RuleId, await series(), epochMs(from), epochMs(to))).map(
          (alarm) => alarm.id,
        );
      expect(await find(6000, 9000)).toEqual([change.alarm.id]);
      expect(await find(0, 5001)).toEqual([change.alarm.id]);
      expect(await find(0, 5000)).toEqual([]);
    });

    it('keeps the versions of a withdrawn rule for the alarms that name it', async () => {
      const mine = registry.as(person('u1', ENV));
      await mine.rules.withdraw('r1' as RuleId, 1);
      await expect(mine.rules.get('r1' as RuleId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect((await mine.rules.versions('r1' as RuleId)).map((rule) => rule.version)).toEqual([1]);
      await expect(registry.as(person('u2', POWER)).rules.versions('r1' as RuleId)).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    });

    it('keeps every status of a device, newest first, and knows the latest of each', async () => {
      const status = (online: boolean, at: number): DeviceStatusChange => ({
        deviceId: 'd-env' as DeviceId,
        agencyId: ENV,
        online,
        reason: online ? 'connected' : 'lost',
        eventTime: epochMs(at),
        recordedAt: epochMs(at + 1),
      });
      await registry.deviceLog.recordStatus([status(true, 1), status(false, 2)]);
      await registry.deviceLog.recordStatus([status(true, 3)]);
      const view = registry.as(person('u1', ENV)).devices;
      const first = await view.statusHistory('d-env' as DeviceId, { limit: 2 });
      const rest = await view.statusHistory('d-env' as DeviceId, { limit: 2, after: first.next! });
      expect([...first.items, ...rest.items]).toEqual([status(true, 3), status(false, 2), status(true, 1)]);
      expect(rest.next).toBeNull();
      expect(await registry.deviceLog.currentStatus()).toEqual([status(true, 3)]);
      await expect(view.statusHistory('d-env' as DeviceId, { limit: 2, after: 'x' })).rejects.toMatchObject({
        code: 'INVALID_CURSOR',
      });
    });

    it('keeps the newest value of an attribute, whatever comes late', async () => {
      const id = 'd-env' as DeviceId;
      await registry.deviceLog.recordAttributes(id, { firmware: '1.1', battery_percent: 80 }, epochMs(10));
      await registry.deviceLog.recordAttributes(id, { firmware: '1.0' }, epochMs(5));
      expect(await registry.as(person('u1', ENV)).devices.attributes(id)).toEqual({
        battery_percent: { value: 80, at: 10 },
        firmware: { value: '1.1', at: 10 },
      });
    });

    it('keeps a withdrawn verdict on record, once', async () => {
      const mine = registry.as(person('u1', ENV));
      const filter = { series: [await series()], from: epochMs(0), to: epochMs(100) };
      const span = await mine.qualitySpans.mark({
        series: await series(),
        from: epochMs(0),
        to: epochMs(50),
        quality: QUALITY.INVALID_DECLARED,
        reason: 'hiệu chuẩn',
      });
      expect(await mine.qualitySpans.list({ ...filter, from: epochMs(50) })).toEqual([]);
      await mine.qualitySpans.withdraw(span.id);
      const [kept] = await mine.qualitySpans.list(filter);
      expect(kept).toMatchObject({ ...span, withdrawnAt: expect.any(Number) });
      await expect(mine.qualitySpans.withdraw(span.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('shows notices of nobody in particular to everyone, and those of an agency to that agency', async () => {
      const notice = (id: string, agencyId: AgencyId | null): Notice => ({
        id,
        kind: 'journal.full',
        agencyId,
        deviceId: null,
        text: { key: 'journal.full' },
        at: epochMs(1),
      });
      for (const [id, agency] of [
        ['n1', ENV],
        ['n2', POWER],
        ['n3', null],
      ] as const)
        await registry.notices.raise(notice(id, agency));
      await registry.notices.raise(notice('n3', null));
      const { items } = await registry.as(person('u1', ENV)).notices.list({ limit: 10 });
      expect(items.map((n) => n.id)).toEqual(['n3', 'n1']);
    });

    it('finds words in any order, and takes signs of patterns for what they are', async () => {
      const mine = registry.as(person('u1', ENV));
      expect((await mine.search('CHÂN tram', 10)).map((f) => f.id)).toEqual(['p-env', 's-env']);
      expect(await mine.search('le%chan', 10)).toEqual([]);
      expect(await mine.search('  ', 10)).toEqual([]);
    });

    it('ends all sessions of a user whose password changes or who is disabled', async () => {
      const admin = registry.as(person('u1', ENV));
      const user = await admin.users.create(
        {
          id: 'u9' as UserId,
          loginName: 'hoa',
          displayName: 'Hoa',
          language: 'vi',
          roles: [{ agencyId: ENV, role: 'viewer' }],
        },
        'hash',
      );
      const session = {
        idSha256: sha('s'),
        userId: user.id,
        csrfToken: 't',
        createdAt: epochMs(0),
        expiresAt: epochMs(4e12),
      };
      await registry.identity.createSession(session);
      expect(await registry.identity.session(sha('s'), epochMs(1))).toMatchObject({
        user: { loginName: 'hoa', roles: [{ role: 'viewer' }] },
      });
      await admin.users.setPassword(user.id, 'other');
      expect(await registry.identity.session(sha('s'), epochMs(1))).toBeUndefined();
      await expect(admin.users.create({ ...user, id: 'u10' as UserId }, null)).rejects.toMatchObject({
        code: 'ALREADY_EXISTS',
      });
    });
  });
}
