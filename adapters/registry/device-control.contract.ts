import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { CommandId } from '../../domain/device-control.ts';
import type { AgencyId, DeviceId, UserId } from '../../domain/identifiers.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { type EpochMs, epochMs } from '../../domain/time.ts';
import { city } from './registry.contract.ts';

const ENV = 'env' as AgencyId;
const DEVICE = 'd-env' as DeviceId;
const person = (agency: AgencyId): Actor => ({
  kind: 'person',
  userId: 'installer' as UserId,
  access: { readAgencies: [agency], writeAgencies: [agency], grants: [] },
  roles: [{ agencyId: agency, role: 'installer' }],
});
const LATER = epochMs(Date.now() + 86_400_000);

/** What every registry promises of commands and configurations. */
export function describeDeviceControl(name: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${name} keeps commands and configurations`, () => {
    let open: () => Promise<Registry>;
    let registry: Registry;
    beforeEach(async () => {
      open = newPlace();
      registry = await open();
      await registry.seed({ kind: 'system', name: 'test' }, city());
    });
    afterEach(() => registry.close());

    const view = () => registry.as(person(ENV)).control;
    let made = 0;
    const give = (name = 'reboot', expiresAt: EpochMs = LATER, limit = 50) =>
      view().commands.create(
        { id: `c-${++made}` as CommandId, deviceId: DEVICE, name, params: { delay: 1 }, expiresAt },
        limit,
      );

    it('numbers the commands of a device and gives those that are open in order, also after a restart', async () => {
      const first = await give('reboot');
      const second = await give('identify');
      expect([first.number, second.number]).toEqual([1, 2]);
      await registry.control.commandSent(first.id, epochMs(5));
      await registry.close();
      registry = await open();
      expect((await registry.control.openCommands(DEVICE)).map(({ name, state }) => [name, state.kind])).toEqual([
        ['reboot', 'sent'],
        ['identify', 'waiting'],
      ]);
    });

    it('keeps the device’s first answer, and knows which commands there were', async () => {
      const { number, id } = await give();
      const answer = { ok: true, result: { uptime_s: 4 } } as const;
      expect(await registry.control.commandAnswered(DEVICE, number, answer, epochMs(9))).toMatchObject({
        state: { kind: 'done', at: 9, result: { uptime_s: 4 } },
      });
      await registry.control.commandAnswered(DEVICE, number, { ok: false, error: 'again' }, epochMs(10));
      expect((await view().commands.get(DEVICE, id)).state.kind).toBe('done');
      expect(await registry.control.openCommands(DEVICE)).toEqual([]);
      expect(await registry.control.commandAnswered(DEVICE, 77, answer, epochMs(9))).toBeNull();
    });

    it('ends commands whose time is over, once', async () => {
      const soon = await give('reboot', epochMs(Date.now() + 1_000));
      expect(await registry.control.expireCommands(epochMs(soon.expiresAt - 1))).toEqual([]);
      expect(await registry.control.expireCommands(soon.expiresAt)).toMatchObject([{ state: { kind: 'expired' } }]);
      expect(await registry.control.expireCommands(soon.expiresAt)).toEqual([]);
    });

    it('takes back what is open and nothing else, and bounds what waits', async () => {
      const command = await give();
      expect((await view().commands.cancel(DEVICE, command.id)).state.kind).toBe('cancelled');
      await expect(view().commands.cancel(DEVICE, command.id)).rejects.toMatchObject({ code: 'COMMAND_OVER' });
      await give('identify', LATER, 1);
      await expect(give('identify', LATER, 1)).rejects.toMatchObject({ code: 'COMMANDS_WAITING' });
    });

    it('lists commands newest first, page by page', async () => {
      for (let i = 0; i < 5; i++) await give();
      const first = await view().commands.list(DEVICE, { limit: 3 });
      const second = await view().commands.list(DEVICE, { limit: 3, after: first.next ?? '' });
      expect([...first.items, ...second.items].map(({ number }) => number)).toEqual([5, 4, 3, 2, 1]);
      expect(second.next).toBeNull();
    });

    it('makes a version of each configuration that is wanted, and refuses one based on an old version', async () => {
      await view().configurations.set(DEVICE, { interval_s: 60 }, 0);
      await view().configurations.set(DEVICE, { interval_s: 300 }, 1);
      await expect(view().configurations.set(DEVICE, { interval_s: 5 }, 1)).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await registry.control.desiredConfiguration(DEVICE)).toMatchObject({
        version: 2,
        config: { interval_s: 300 },
      });
      expect((await view().configurations.versions(DEVICE)).map(({ version }) => version)).toEqual([2, 1]);
    });

    it('keeps what the device said of the newest version it spoke of, and nothing of versions that never were', async () => {
      await view().configurations.set(DEVICE, { a: 1 }, 0);
      await view().configurations.set(DEVICE, { a: 2 }, 1);
      const report = (version: number, ok: boolean) => ({ version, ok, error: ok ? null : 'no', at: epochMs(version) });
      expect(await registry.control.configurationReported(DEVICE, report(2, false))).toBe(true);
      expect(await registry.control.configurationReported(DEVICE, report(1, true))).toBe(true);
      expect(await registry.control.configurationReported(DEVICE, report(3, true))).toBe(false);
      expect((await view().configurations.get(DEVICE)).reported).toEqual(report(2, false));
    });

    it('knows the devices that have not answered what is wanted of them', async () => {
      const open = () => registry.control.devicesWithOpenConfigurations();
      const report = (version: number) => ({ version, ok: true, error: null, at: epochMs(version) });
      expect(await open()).toEqual([]);
      await view().configurations.set(DEVICE, { a: 1 }, 0);
      expect(await open()).toEqual([DEVICE]);
      await registry.control.configurationReported(DEVICE, report(1));
      expect(await open()).toEqual([]);
      await view().configurations.set(DEVICE, { a: 2 }, 1);
      expect(await open()).toEqual([DEVICE]);
      await registry.control.configurationReported(DEVICE, report(2));
      expect(await open()).toEqual([]);
    });

    it('shows none of it to another agency, and lets it give no command', async () => {
      const { id } = await give();
      const other = registry.as(person('power' as AgencyId)).control;
      await expect(other.commands.list(DEVICE, { limit: 3 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(other.commands.cancel(DEVICE, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(other.configurations.set(DEVICE, {}, 0)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('leaves an audit row for each command and configuration', async () => {
      await give();
      await view().configurations.set(DEVICE, { a: 1 }, 0);
      const audit = await registry
        .as({ kind: 'system', name: 'test' })
        .audit.list({ targetId: DEVICE }, { limit: 100 });
      const actions = audit.items.map(({ action }) => action);
      expect(actions).toEqual(expect.arrayContaining(['device.command', 'device.configure']));
    });
  });
}
