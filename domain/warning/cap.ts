import type { Location } from '../asset.ts';
import type { EpochMs } from '../time.ts';

/** Words of the Common Alerting Protocol 1.2 (OASIS, 1 July 2010), as they stand in its schema. */
export const CAP_NAMESPACE = 'urn:oasis:names:tc:emergency:cap:1.2';
export const CAP_STATUSES = ['Actual', 'Exercise', 'System', 'Test', 'Draft'] as const;
export const CAP_MESSAGE_TYPES = ['Alert', 'Update', 'Cancel', 'Ack', 'Error'] as const;
export const CAP_SCOPES = ['Public', 'Restricted', 'Private'] as const;
export const CAP_CATEGORIES = [
  'Geo',
  'Met',
  'Safety',
  'Security',
  'Rescue',
  'Fire',
  'Health',
  'Env',
  'Transport',
  'Infra',
  'CBRNE',
  'Other',
] as const;
export const CAP_RESPONSE_TYPES = [
  'Shelter',
  'Evacuate',
  'Prepare',
  'Execute',
  'Avoid',
  'Monitor',
  'Assess',
  'AllClear',
  'None',
] as const;
/** Act now, within the next hour, later; the moment has passed; nobody knows. */
export const CAP_URGENCIES = ['Immediate', 'Expected', 'Future', 'Past', 'Unknown'] as const;
/** Worst first. */
export const CAP_SEVERITIES = ['Extreme', 'Severe', 'Moderate', 'Minor', 'Unknown'] as const;
/** Seen, more likely than not, less likely than not, hardly. */
export const CAP_CERTAINTIES = ['Observed', 'Likely', 'Possible', 'Unlikely', 'Unknown'] as const;

export type CapStatus = (typeof CAP_STATUSES)[number];
export type CapMessageType = (typeof CAP_MESSAGE_TYPES)[number];
export type CapScope = (typeof CAP_SCOPES)[number];
export type CapCategory = (typeof CAP_CATEGORIES)[number];
export type CapResponseType = (typeof CAP_RESPONSE_TYPES)[number];
export type CapUrgency = (typeof CAP_URGENCIES)[number];
export type CapSeverity = (typeof CAP_SEVERITIES)[number];
export type CapCertainty = (typeof CAP_CERTAINTIES)[number];

/** An earlier message that this one updates or cancels. */
export interface CapReference {
  readonly sender: string;
  readonly identifier: string;
  readonly sent: EpochMs;
}

export interface CapNamedValue {
  readonly valueName: string;
  readonly value: string;
}

/** A circle on the ground. */
export interface Circle {
  readonly centre: Location;
  readonly radiusKm: number;
}

export interface CapArea {
  readonly areaDesc: string;
  /** Rings as they are written: at least four places, the last the same as the first (WGS 84). */
  readonly polygons: readonly (readonly Location[])[];
  readonly circles: readonly Circle[];
  readonly geocodes: readonly CapNamedValue[];
}

/** What is said, in one language. Parts that are absent or empty are not written. */
export interface CapInfo {
  /** RFC 3066, e.g. `vi-VN`. */
  readonly language: string;
  readonly categories: readonly CapCategory[];
  readonly event: string;
  readonly responseTypes: readonly CapResponseType[];
  readonly urgency: CapUrgency;
  readonly severity: CapSeverity;
  readonly certainty: CapCertainty;
  readonly audience?: string;
  readonly effective?: EpochMs;
  readonly onset?: EpochMs;
  readonly expires?: EpochMs;
  readonly senderName?: string;
  readonly headline?: string;
  readonly description?: string;
  readonly instruction?: string;
  readonly web?: string;
  readonly contact?: string;
  readonly parameters: readonly CapNamedValue[];
  readonly areas: readonly CapArea[];
}

/** One message. Instants are written in whole seconds of local time. */
export interface CapAlert {
  readonly identifier: string;
  readonly sender: string;
  readonly sent: EpochMs;
  readonly status: CapStatus;
  readonly msgType: CapMessageType;
  readonly source?: string;
  readonly scope: CapScope;
  readonly restriction?: string;
  readonly addresses?: string;
  readonly note?: string;
  readonly references: readonly CapReference[];
  readonly incidents?: string;
  /** One for each language, the same facts in each. */
  readonly infos: readonly CapInfo[];
}
