import type { Brand } from './brand.ts';
import type { AgencyId, DeviceId, UserId } from './identifiers.ts';
import { err, ok, type Result } from './result.ts';
import type { EpochMs } from './time.ts';

/** What JSON can say. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

export type CommandId = Brand<string, 'CommandId'>;

/** Name of a command: lower-case words joined by `_`, at most 64 characters. */
export const COMMAND_NAME_PATTERN: RegExp = /^[a-z][a-z0-9_]{0,63}$/;

/**
 * Commands every device of ours is expected to know, with their parameters; makers add their own. `identify` makes a lamp or buzzer tell which of the
 * boxes on the pole it is; `set_interval` changes how often it reports.
 */
export const KNOWN_COMMANDS = {
  reboot: [],
  identify: [{ name: 'seconds', min: 1, max: 600 }],
  set_interval: [{ name: 'seconds', min: 1, max: 86_400 }],
  report_now: [],
} as const satisfies Record<string, readonly { readonly name: string; readonly min: number; readonly max: number }[]>;
export type KnownCommand = keyof typeof KNOWN_COMMANDS;
export const isKnownCommand = (name: string): name is KnownCommand => Object.hasOwn(KNOWN_COMMANDS, name);

/** A parameter of a known command that is absent, or not a number in its closed range. Unknown commands have none. */
export interface ParameterProblem {
  readonly parameter: string;
  readonly min: number;
  readonly max: number;
}
export function parameterProblems(name: string, params: JsonObject): readonly ParameterProblem[] {
  if (!isKnownCommand(name)) return [];
  const known: readonly { readonly name: string; readonly min: number; readonly max: number }[] = KNOWN_COMMANDS[name];
  return known.flatMap(({ name: parameter, min, max }) => {
    const value = params[parameter];
    return typeof value === 'number' && value >= min && value <= max ? [] : [{ parameter, min, max }];
  });
}

/** How far a command is. `at`: when it became so. */
export type CommandState =
  /** Kept, and given to no connection yet: the device is asleep or away. */
  | { readonly kind: 'waiting' }
  /** Given to the device's connection, at least once; not answered. */
  | { readonly kind: 'sent'; readonly at: EpochMs }
  | { readonly kind: 'done'; readonly at: EpochMs; readonly result: JsonValue }
  | { readonly kind: 'failed'; readonly at: EpochMs; readonly error: string }
  | { readonly kind: 'expired'; readonly at: EpochMs }
  | { readonly kind: 'cancelled'; readonly at: EpochMs; readonly by: UserId };
export const COMMAND_STATES = [
  'waiting',
  'sent',
  'done',
  'failed',
  'expired',
  'cancelled',
] as const satisfies readonly CommandState['kind'][];

export interface DeviceCommand {
  readonly id: CommandId;
  readonly deviceId: DeviceId;
  readonly agencyId: AgencyId;
  /** 1, 2, 3 … for each device: the `{n}` of its topic. */
  readonly number: number;
  readonly name: string;
  readonly params: JsonObject;
  readonly createdBy: UserId;
  readonly createdAt: EpochMs;
  /** From here on it is no longer given to the device. */
  readonly expiresAt: EpochMs;
  readonly state: CommandState;
}

/** What a device says of a command it was given. */
export type CommandAnswer =
  | { readonly ok: true; readonly result: JsonValue }
  | { readonly ok: false; readonly error: string };

/** Whether it is still to be given to the device. */
export const isOpen = ({ state }: Pick<DeviceCommand, 'state'>): boolean =>
  state.kind === 'waiting' || state.kind === 'sent';

export const sent = (command: DeviceCommand, at: EpochMs): DeviceCommand =>
  isOpen(command) ? { ...command, state: { kind: 'sent', at } } : command;

/**
 * The command after its device answered. The device is right about what it did: an answer counts after the command expired or was cancelled, too. The
 * first answer stands; later ones (the device repeats itself) change nothing.
 */
export function answered(command: DeviceCommand, answer: CommandAnswer, at: EpochMs): DeviceCommand {
  if (command.state.kind === 'done' || command.state.kind === 'failed') return command;
  return {
    ...command,
    state: answer.ok ? { kind: 'done', at, result: answer.result } : { kind: 'failed', at, error: answer.error },
  };
}

/** The command at `at`: expired when it is open and its time is over. */
export const expiredAt = (command: DeviceCommand, at: EpochMs): DeviceCommand =>
  isOpen(command) && at >= command.expiresAt
    ? { ...command, state: { kind: 'expired', at: command.expiresAt } }
    : command;

/** Taken back before the device answered. What was given to the device already may still be done by it; its answer then tells. */
export function cancelled(command: DeviceCommand, by: UserId, at: EpochMs): Result<DeviceCommand, 'COMMAND_OVER'> {
  return isOpen(command) ? ok({ ...command, state: { kind: 'cancelled', at, by } }) : err('COMMAND_OVER');
}

/** How a device is wanted to be set up. Each change is a version of its own. */
export interface DesiredConfiguration {
  readonly deviceId: DeviceId;
  readonly agencyId: AgencyId;
  /** 1, 2, 3 … */
  readonly version: number;
  readonly config: JsonObject;
  readonly setBy: UserId;
  readonly setAt: EpochMs;
}

/** What the device last said of a configuration it was given. */
export interface ReportedConfiguration {
  readonly version: number;
  readonly ok: boolean;
  /** Why it was refused; `null` when it was not, or not said. */
  readonly error: string | null;
  readonly at: EpochMs;
}

/** `none`: nothing is wanted. `waiting`: the device has not answered the wanted version. `refused`: it will not have it. */
export type ConfigurationState = 'none' | 'waiting' | 'in_force' | 'refused';
export function configurationState(
  desired: Pick<DesiredConfiguration, 'version'> | null,
  reported: ReportedConfiguration | null,
): ConfigurationState {
  if (desired === null) return 'none';
  if (reported === null || reported.version < desired.version) return 'waiting';
  return reported.ok ? 'in_force' : 'refused';
}
