import type {
  CommandAnswer,
  CommandId,
  DesiredConfiguration,
  DeviceCommand,
  JsonObject,
  ReportedConfiguration,
} from '../device-control.ts';
import type { DeviceId } from '../identifiers.ts';
import type { EpochMs } from '../time.ts';
import type { Page, PageRequest } from './registry.ts';

/** Commands and configuration of devices as people see and give them; under the access of a `RegistryView`. */
export interface DeviceControlView {
  readonly commands: {
    /** Newest first. */
    list(device: DeviceId, page: PageRequest): Promise<Page<DeviceCommand>>;
    get(device: DeviceId, id: CommandId): Promise<DeviceCommand>;
    /** Numbers it. @throws {RegistryError} COMMANDS_WAITING when `limit` commands of the device are open already. */
    create(
      command: Pick<DeviceCommand, 'id' | 'deviceId' | 'name' | 'params' | 'expiresAt'>,
      limit: number,
    ): Promise<DeviceCommand>;
    /** @throws {RegistryError} COMMAND_OVER */
    cancel(device: DeviceId, id: CommandId): Promise<DeviceCommand>;
  };
  readonly configurations: {
    get(device: DeviceId): Promise<{
      readonly desired: DesiredConfiguration | null;
      readonly reported: ReportedConfiguration | null;
    }>;
    /** Newest first. */
    versions(device: DeviceId): Promise<readonly DesiredConfiguration[]>;
    /** `version`: the one the edit was based on, 0 for none. @throws {RegistryError} CONFLICT */
    set(device: DeviceId, config: JsonObject, version: number): Promise<DesiredConfiguration>;
  };
}

/** The same as the gateway deals with it. */
export interface DeviceControlLog {
  /** Waiting and sent, by number. */
  openCommands(device: DeviceId): Promise<readonly DeviceCommand[]>;
  devicesWithOpenCommands(): Promise<readonly DeviceId[]>;
  /** Devices that have not answered the configuration wanted of them. */
  devicesWithOpenConfigurations(): Promise<readonly DeviceId[]>;
  commandSent(id: CommandId, at: EpochMs): Promise<void>;
  /** The command after the answer; `null` when the device has no command of that number. */
  commandAnswered(device: DeviceId, number: number, answer: CommandAnswer, at: EpochMs): Promise<DeviceCommand | null>;
  /** Ends the open commands whose time is over; gives those that ended. */
  expireCommands(at: EpochMs): Promise<readonly DeviceCommand[]>;
  desiredConfiguration(device: DeviceId): Promise<DesiredConfiguration | null>;
  /** False when no such version was ever wanted of the device. An older version's report never replaces a newer one's. */
  configurationReported(device: DeviceId, report: ReportedConfiguration): Promise<boolean>;
}
