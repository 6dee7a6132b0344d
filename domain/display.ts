import type { RoleAssignment } from './access.ts';
import type { Brand } from './brand.ts';
import type { AgencyId, PointId, UserId } from './identifiers.ts';
import type { Language } from './localized.ts';
import type { MapLayer } from './map-lines.ts';
import type { QuantityKey } from './quantity.ts';
import { after, type DurationMs, type EpochMs, minutes } from './time.ts';

export type DisplayId = Brand<string, 'DisplayId'>;

/** A part of the map with the name that people gave it. */
export interface DisplayArea {
  readonly name: string;
  readonly longitude: number;
  readonly latitude: number;
  readonly zoom: number;
}

/** One picture of the rotation, shown for `seconds`. A map without an area shows the whole city; `layers` are laid over it. */
export type DisplayView = { readonly seconds: number } & (
  | { readonly kind: 'map'; readonly area: DisplayArea | null; readonly layers: readonly MapLayer[] }
  | { readonly kind: 'alarms' }
  | { readonly kind: 'counters' }
  | { readonly kind: 'air' }
  | { readonly kind: 'chart'; readonly pointId: PointId; readonly quantity: QuantityKey; readonly hours: number }
);
export const DISPLAY_VIEW_KINDS = [
  'map',
  'alarms',
  'counters',
  'air',
  'chart',
] as const satisfies readonly DisplayView['kind'][];
/** Bounds of a rotation: shorter pictures can't be read, longer ones are no rotation. */
export const VIEW_SECONDS = { min: 5, max: 3_600 } as const;
export const DISPLAY_VIEWS_MAX = 12;

export const DISPLAY_THEMES = ['dark', 'light'] as const;

/** A wall screen: what it shows, and the agencies whose data it may read. It may never write. */
export interface Display {
  readonly id: DisplayId;
  /** Whose administrators look after it. */
  readonly agencyId: AgencyId;
  readonly name: string;
  /** What it reads, as a viewer of these agencies would. */
  readonly agencies: readonly AgencyId[];
  readonly language: Language;
  readonly theme: (typeof DISPLAY_THEMES)[number];
  readonly views: readonly DisplayView[];
  readonly createdBy: UserId | null;
  readonly createdAt: EpochMs;
  /** When a screen last took up its login with a one-time link; `null`: none has. */
  readonly linkedAt: EpochMs | null;
  readonly revokedAt: EpochMs | null;
  readonly version: number;
}

/** When, from where and with which build a screen last asked. */
export interface DisplaySighting {
  readonly at: EpochMs;
  readonly address: string;
  readonly build: string;
}

/** A one-time link that nobody has used is of no use after this. */
const LINK_LASTS: DurationMs = minutes(30);
export const linkExpiresAt = (now: EpochMs): EpochMs => after(now, LINK_LASTS);

/** What it may do: see, in its agencies. */
export const rolesOfDisplay = ({ agencies }: Pick<Display, 'agencies'>): readonly RoleAssignment[] =>
  agencies.map((agencyId) => ({ agencyId, role: 'viewer' }));
