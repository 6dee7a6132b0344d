import type { Device } from '../../../domain/asset.ts';
import {
  answered,
  type CommandId,
  cancelled,
  type DesiredConfiguration,
  type DeviceCommand,
  expiredAt,
  isOpen,
  type ReportedConfiguration,
  sent,
} from '../../../domain/device-control.ts';
import type { DeviceId, UserId } from '../../../domain/identifiers.ts';
import type { DeviceControlLog, DeviceControlView } from '../../../domain/ports/device-control.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import type { EpochMs } from '../../../domain/time.ts';
import type { Context, Gate } from './access.ts';
import { AssetEditor, DEVICES } from './editing.ts';
import { eachInTurn } from './in-turn.ts';
import { limitOf, pageOf, rowNumberOf } from './pages.ts';

interface CommandRow {
  readonly row_number: number;
  readonly body: string;
}
const commandOf = ({ body }: CommandRow): DeviceCommand => JSON.parse(body) as DeviceCommand;
const SELECT_COMMAND = 'SELECT rowid AS row_number, body FROM device_commands';

export async function putCommand({ db }: Context, command: DeviceCommand): Promise<DeviceCommand> {
  await db.run(
    'INSERT INTO device_commands (id, agency_id, device_id, number, open, expires_at, body) VALUES (?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET open = excluded.open, body = excluded.body',
    command.id,
    command.agencyId,
    command.deviceId,
    command.number,
    isOpen(command) ? 1 : 0,
    command.expiresAt,
    JSON.stringify(command),
  );
  return command;
}

/** The command of that id, as it was last written. */
export async function commandById({ db }: Context, id: CommandId): Promise<DeviceCommand | undefined> {
  const row = await db.get<CommandRow>(`${SELECT_COMMAND} WHERE id = ?`, id);
  return row && commandOf(row);
}
/** Numbers and keeps a new command; in the transaction of what it is for. */
export async function giveCommand(
  context: Context,
  command: Omit<DeviceCommand, 'number' | 'createdAt' | 'state'>,
): Promise<DeviceCommand> {
  const { last } = (await context.db.get<{ last: number }>(
    'SELECT COALESCE(MAX(number), 0) AS last FROM device_commands WHERE device_id = ?',
    command.deviceId,
  ))!;
  return putCommand(context, { ...command, number: last + 1, createdAt: context.clock(), state: { kind: 'waiting' } });
}

async function desiredOf({ db }: Context, device: DeviceId): Promise<DesiredConfiguration | null> {
  const row = await db.get<{ body: string }>(
    'SELECT body FROM desired_configurations WHERE device_id = ? ORDER BY version DESC LIMIT 1',
    device,
  );
  return row ? (JSON.parse(row.body) as DesiredConfiguration) : null;
}
async function reportedOf({ db }: Context, device: DeviceId): Promise<ReportedConfiguration | null> {
  const row = await db.get<{ version: number; ok: number; error: string | null; at: EpochMs }>(
    'SELECT version, ok, error, at FROM reported_configurations WHERE device_id = ?',
    device,
  );
  return row ? { ...row, ok: row.ok === 1 } : null;
}

/** Commands and configurations of a {@link RegistryView}. */
export function deviceControlViews(context: Context, gate: Gate): DeviceControlView {
  const { db, clock } = context;
  const editor = new AssetEditor(context, gate);
  const deviceOf = (id: DeviceId): Promise<Device> => editor.load<Device>(DEVICES, id);
  /** Commands are given by people; the platform's own hand is the system's. */
  const by = gate.userId ?? ('system' as UserId);

  return {
    commands: {
      async list(device, page) {
        return db.snapshot(async () => {
          await deviceOf(device);
          const limit = limitOf(page);
          const rows = await db.all<CommandRow>(
            `${SELECT_COMMAND} WHERE device_id = ? AND rowid < ? ORDER BY rowid DESC LIMIT ?`,
            device,
            rowNumberOf(page),
            limit + 1,
          );
          const { items, next } = pageOf(rows, limit, (row) => String(row.row_number));
          return { items: items.map((row) => expiredAt(commandOf(row), clock())), next };
        });
      },
      async get(device, id) {
        return db.snapshot(async () => {
          await deviceOf(device);
          const row = await db.get<CommandRow>(`${SELECT_COMMAND} WHERE device_id = ? AND id = ?`, device, id);
          if (!row) throw new RegistryError('NOT_FOUND', { id });
          return expiredAt(commandOf(row), clock());
        });
      },
      async create(command, limit) {
        return db.transaction(async () => {
          const { agencyId } = await deviceOf(command.deviceId);
          gate.mayWrite(agencyId, command.deviceId, true);
          return editor.write(agencyId, 'device.command', 'device', command.deviceId, null, async () => {
            const { open } = (await db.get<{ open: number }>(
              'SELECT COUNT(*) AS open FROM device_commands WHERE open = 1 AND expires_at > ? AND device_id = ?',
              clock(),
              command.deviceId,
            ))!;
            if (open >= limit) throw new RegistryError('COMMANDS_WAITING', { id: command.deviceId, limit });
            return giveCommand(context, { ...command, agencyId, createdBy: by });
          });
        });
      },
      async cancel(device, id) {
        const before = await this.get(device, id);
        return editor.write(before.agencyId, 'device.command_cancel', 'device', device, before, async () => {
          const result = cancelled(before, by, clock());
          if (!result.ok) throw new RegistryError(result.error, { id });
          return putCommand(context, result.value);
        });
      },
    },
    configurations: {
      async get(device) {
        return db.snapshot(async () => {
          await deviceOf(device);
          return { desired: await desiredOf(context, device), reported: await reportedOf(context, device) };
        });
      },
      async versions(device) {
        return db.snapshot(async () => {
          await deviceOf(device);
          return (
            await db.all<{ body: string }>(
              'SELECT body FROM desired_configurations WHERE device_id = ? ORDER BY version DESC',
              device,
            )
          ).map(({ body }) => JSON.parse(body) as DesiredConfiguration);
        });
      },
      async set(device, config, version) {
        return db.transaction(async () => {
          const { agencyId } = await deviceOf(device);
          gate.mayWrite(agencyId, device, true);
          const before = await desiredOf(context, device);
          return editor.write(agencyId, 'device.configure', 'device', device, before ?? {}, async () => {
            if ((before?.version ?? 0) !== version) throw new RegistryError('CONFLICT', { id: device });
            const desired: DesiredConfiguration = {
              deviceId: device,
              agencyId,
              version: version + 1,
              config,
              setBy: by,
              setAt: clock(),
            };
            await db.run(
              'INSERT INTO desired_configurations (device_id, version, agency_id, body) VALUES (?,?,?,?)',
              device,
              desired.version,
              agencyId,
              JSON.stringify(desired),
            );
            return desired;
          });
        });
      },
    },
  };
}

/** The same as the gateway deals with it. */
export function deviceControlLog(context: Context): DeviceControlLog {
  const { db } = context;
  const change = async (
    row: CommandRow | undefined,
    step: (command: DeviceCommand) => DeviceCommand,
  ): Promise<DeviceCommand | null> => (row ? await putCommand(context, step(commandOf(row))) : null);

  return {
    async openCommands(device) {
      return (
        await db.all<CommandRow>(`${SELECT_COMMAND} WHERE device_id = ? AND open = 1 ORDER BY number`, device)
      ).map(commandOf);
    },
    async devicesWithOpenCommands() {
      return (
        await db.all<{ device_id: DeviceId }>(
          'SELECT DISTINCT device_id FROM device_commands WHERE open = 1 ORDER BY device_id',
        )
      ).map((row) => row.device_id);
    },
    async devicesWithOpenConfigurations() {
      return (
        await db.all<{ device_id: DeviceId }>(
          `SELECT d.device_id FROM desired_configurations d LEFT JOIN reported_configurations r ON r.device_id = d.device_id
             GROUP BY d.device_id, r.version HAVING r.version IS NULL OR r.version < MAX(d.version) ORDER BY d.device_id`,
        )
      ).map((row) => row.device_id);
    },
    async commandSent(id, at) {
      await db.transaction(async () =>
        change(await db.get<CommandRow>(`${SELECT_COMMAND} WHERE id = ?`, id), (command) => sent(command, at)),
      );
    },
    async commandAnswered(device, number, answer, at) {
      return db.transaction(async () =>
        change(
          await db.get<CommandRow>(`${SELECT_COMMAND} WHERE device_id = ? AND number = ?`, device, number),
          (command) => answered(command, answer, at),
        ),
      );
    },
    async expireCommands(at) {
      return db.transaction(async () =>
        eachInTurn(await db.all<CommandRow>(`${SELECT_COMMAND} WHERE open = 1 AND expires_at <= ?`, at), (row) =>
          putCommand(context, expiredAt(commandOf(row), at)),
        ),
      );
    },
    desiredConfiguration: async (device) => desiredOf(context, device),
    async configurationReported(device, report) {
      return db.transaction(async () => {
        const { changes } = await db.run(
          `INSERT INTO reported_configurations (device_id, agency_id, version, ok, error, at)
           SELECT device_id, agency_id, ?, ?, ?, ? FROM desired_configurations WHERE device_id = ? AND version = ?
           ON CONFLICT(device_id) DO UPDATE SET version = excluded.version, ok = excluded.ok, error = excluded.error, at = excluded.at
             WHERE excluded.version >= reported_configurations.version`,
          report.version,
          report.ok ? 1 : 0,
          report.error,
          report.at,
          device,
          report.version,
        );
        if (changes > 0) return true;
        const known = await db.get(
          'SELECT 1 FROM desired_configurations WHERE device_id = ? AND version = ?',
          device,
          report.version,
        );
        return known !== undefined;
      });
    },
  };
}
