import type { UserId } from '../identifiers.ts';
import type { EpochMs } from '../time.ts';
import type { User } from './registry.ts';

/** Where somebody is signed in. */
export interface OpenSession {
  /** Names the session to people; its secret can't be worked out from it. */
  readonly id: string;
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs;
}

/**
 * How people get in, under the access of a `RegistryView`: sessions looked at and ended, links by which somebody chooses a password. Changing anything needs
 * the right to write in every agency the person holds a role in; every write leaves an audit row.
 */
export interface UserAccessView {
  /** In force, newest first. @throws {RegistryError} NOT_FOUND */
  sessions(user: UserId): Promise<readonly OpenSession[]>;
  /** Ends one, or with `null` all of them; how many there were. @throws {RegistryError} NOT_FOUND, NOT_ALLOWED */
  endSessions(user: UserId, session: string | null): Promise<number>;
  /**
   * A link for choosing a password, good once until `expiresAt`; an earlier one is good no more. `tokenSha256`: lower-case hex.
   * @throws {RegistryError} NOT_FOUND, NOT_ALLOWED; INVALID_STATE for a disabled user
   */
  invite(user: UserId, tokenSha256: string, expiresAt: EpochMs): Promise<void>;
}

/** Links as those who follow them need them. */
export interface Invitations {
  /** Takes the link out of use, sets the password, ends the person's sessions. `undefined` when the link isn't good (any more) at `at`. */
  redeem(tokenSha256: string, passwordHash: string, at: EpochMs): Promise<User | undefined>;
}
