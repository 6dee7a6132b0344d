import { compareSessions, type SessionMark } from '../../domain/gateway.ts';
import type { DeviceId, GatewayId } from '../../domain/identifiers.ts';
import type { EventBus } from '../../domain/ports/live-bus.ts';
import type { Clock } from '../../domain/time.ts';

export interface SessionClaimsOptions {
  readonly gateway: GatewayId;
  readonly bus: EventBus;
  readonly clock: Clock;
  /** The device has a newer connection to another gateway: the one here is to be closed. */
  readonly onTakenOver: (device: DeviceId) => void;
  /** The device, which has no connection here, has one to another gateway. */
  readonly onElsewhere: (device: DeviceId) => void;
}

/** Sessions told in one event. */
const SESSIONS_PER_EVENT = 1_000;
/** Devices remembered as connected to other gateways; those first heard of go first. */
const ELSEWHERE_MAX = 200_000;

/**
 * Which connection of a device is its newest, over all gateways. Each is marked by its gateway with a stamp above every stamp it has heard of (a logical clock
 * that follows the time of day), and told to the others; a connection with a greater mark ends one with a smaller. The order of two marks is the same wherever
 * it is asked, so that of two connections at the same moment exactly one stays, whatever is heard first.
 */
export function createSessionClaims({ gateway, bus, clock, onTakenOver, onElsewhere }: SessionClaimsOptions) {
  const own = new Map<DeviceId, SessionMark>();
  const elsewhere = new Map<DeviceId, SessionMark>();
  const toTell = new Set<DeviceId>();
  const leaves: (() => void)[] = [];
  let last = 0;
  let telling = false;

  const tell = (): void => {
    telling = false;
    const sessions = [...toTell].flatMap((deviceId) => {
      const mark = own.get(deviceId);
      return mark ? [{ deviceId, stamp: mark.stamp }] : [];
    });
    toTell.clear();
    for (let from = 0; from < sessions.length; from += SESSIONS_PER_EVENT)
      bus.publish('sessions.opened', { gateway, sessions: sessions.slice(from, from + SESSIONS_PER_EVENT) });
  };
  /** All that came in the same turn is told at once. */
  const tellSoon = (device: DeviceId): void => {
    toTell.add(device);
    if (telling) return;
    telling = true;
    setImmediate(tell);
  };
  const tellAll = (): void => {
    for (const device of own.keys()) tellSoon(device);
  };
  const observe = (stamp: number): void => {
    last = Math.max(last, stamp);
  };
  const mark = (): SessionMark => {
    last = Math.max(clock(), last + 1);
    return { gateway, stamp: last };
  };

  function heard(deviceId: DeviceId, theirs: SessionMark): void {
    observe(theirs.stamp);
    const mine = own.get(deviceId);
    if (mine && compareSessions(mine, theirs) > 0) {
      // They have not heard of it.
      tellSoon(deviceId);
      return;
    }
    elsewhere.delete(deviceId);
    elsewhere.set(deviceId, theirs);
    if (elsewhere.size > ELSEWHERE_MAX) for (const oldest of elsewhere.keys()) if (elsewhere.delete(oldest)) break;
    if (!mine) {
      onElsewhere(deviceId);
      return;
    }
    own.delete(deviceId);
    onTakenOver(deviceId);
  }

  return {
    start(): void {
      leaves.push(
        bus.subscribe('sessions.opened', ({ gateway: by, sessions }) => {
          if (by !== gateway) for (const { deviceId, stamp } of sessions) heard(deviceId, { gateway: by, stamp });
        }),
        bus.subscribe('sessions.wanted', ({ gateway: by }) => {
          if (by !== gateway) tellAll();
        }),
        bus.subscribe('device.status', ({ deviceId, online, session }) => {
          const known = elsewhere.get(deviceId);
          if (!online && session && known && compareSessions(session, known) >= 0) elsewhere.delete(deviceId);
        }),
        bus.subscribe('events.missed', () => {
          // Some may have gone meanwhile; those that have not are told again.
          elsewhere.clear();
          tellAll();
          bus.publish('sessions.wanted', { gateway });
        }),
      );
      bus.publish('sessions.wanted', { gateway });
    },
    stop(): void {
      for (const leave of leaves.splice(0)) leave();
    },
    /** A mark above all that were heard of, for what is no connection of a device itself. */
    mark,
    /** Marks given from here on are above this one. */
    observe,
    /** The device's connection to this gateway is its newest: the others are told. */
    opened(device: DeviceId): SessionMark {
      const given = mark();
      own.set(device, given);
      elsewhere.delete(device);
      tellSoon(device);
      return given;
    },
    /** The mark of the device's connection that ended; none when another gateway has taken it over. */
    closed(device: DeviceId): SessionMark | undefined {
      const ended = own.get(device);
      own.delete(device);
      return ended;
    },
    /** Of the device's connection to this gateway. */
    of: (device: DeviceId): SessionMark | undefined => own.get(device),
    devices: (): readonly DeviceId[] => [...own.keys()],
    /** It is connected to another gateway, as far as is known. */
    isElsewhere: (device: DeviceId): boolean => elsewhere.has(device),
  };
}
export type SessionClaims = ReturnType<typeof createSessionClaims>;
