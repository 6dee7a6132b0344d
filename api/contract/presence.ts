import type { AlarmId, UserId } from '../../domain/identifiers.ts';

/** Names told with one alarm; further people are counted. */
export const LOOKERS_NAMED_MAX = 5;

/** Who has an alarm open before them. */
export interface AlarmLookers {
  readonly alarmId: AlarmId;
  readonly people: readonly { readonly id: UserId; readonly name: string }[];
  /** Beyond those named. */
  readonly more: number;
}

/** By socket.io, namespace `/live`. */
export interface PresenceClientEvents {
  /** The alarm this screen has open; `null`: none, but it wants to be told. Before the first one nothing is told. */
  look(alarm: AlarmId | null): void;
}
export interface PresenceServerEvents {
  /** Everybody who looks at an alarm, oneself too; replaces what was told before. Only of open alarms of agencies the reader works in. */
  presence(lookers: readonly AlarmLookers[]): void;
}
