import type { Display, DisplayId, DisplaySighting } from '../display.ts';
import type { EpochMs } from '../time.ts';

/** A one-time link as it is kept: lower-case hex SHA-256 of its code. */
export interface DisplayLink {
  readonly codeSha256: string;
  readonly expiresAt: EpochMs;
}
export interface SeenDisplay {
  readonly display: Display;
  /** `null`: never. */
  readonly seen: DisplaySighting | null;
  /** Until when its one-time link may be used; `null`: there is none, or it was used. */
  readonly linkExpiresAt: EpochMs | null;
}

/** Wall screens, under the access of a `RegistryView`: those of the agencies that may be read whole. */
export interface DisplaysView {
  /** By name. */
  list(): Promise<readonly SeenDisplay[]>;
  get(id: DisplayId): Promise<SeenDisplay>;
  create(
    display: Omit<Display, 'createdBy' | 'createdAt' | 'linkedAt' | 'revokedAt' | 'version'>,
    link: DisplayLink,
  ): Promise<SeenDisplay>;
  /** Name, agencies, language, theme and views. @throws {RegistryError} CONFLICT, INVALID_STATE for a revoked one. */
  update(display: Display): Promise<SeenDisplay>;
  /** A new link, in place of the one before; the screen that is linked goes on until the link is used. @throws {RegistryError} INVALID_STATE for a revoked one. */
  link(id: DisplayId, link: DisplayLink): Promise<SeenDisplay>;
  /** Ends its login for good; again is nothing new. */
  revoke(id: DisplayId): Promise<SeenDisplay>;
}

/** What signing in of screens needs, under nobody's access. */
export interface DisplayLogins {
  /** Uses a link up: the screen's secret is known by its hash from now on, and the one before is not any more. `undefined`: there is no such link, or it is too late. */
  redeem(codeSha256: string, secretSha256: string, at: EpochMs): Promise<Display | undefined>;
  /** The display of a secret, unless it was revoked. */
  bySecret(secretSha256: string): Promise<Display | undefined>;
  seen(id: DisplayId, sighting: DisplaySighting): Promise<void>;
}
