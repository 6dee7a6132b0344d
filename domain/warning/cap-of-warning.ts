import { LANGUAGES, type Language, type Localized } from '../localized.ts';
import { type EpochMs, epochMs } from '../time.ts';
import type { UtcOffset } from '../time-zone.ts';
import type { CapAlert, CapArea, CapInfo, CapMessageType, CapReference } from './cap.ts';
import { capTime, wholeSeconds } from './cap-xml.ts';
import { closedRing } from './outline.ts';
import type { Proposal, ProposalKind, Warning, WarningArea } from './warning.ts';

/** Who publishes. */
export interface WarningSender {
  /** Of the agency, e.g. `env@haidang.example`: no spaces, commas, `<` or `&`. */
  readonly sender: string;
  /** The agency's name. */
  readonly name: Localized;
}

const MESSAGE_TYPE: Readonly<Record<ProposalKind, CapMessageType>> = {
  alert: 'Alert',
  update: 'Update',
  cancel: 'Cancel',
};
const LANGUAGE_TAG: Readonly<Record<Language, string>> = { vi: 'vi-VN', en: 'en-US' };
/** Vietnam's numbers of administrative units, as the geocode names them. */
const WARD_GEOCODE = 'VN-ADM';
const EXERCISE_NOTE: Localized = {
  vi: 'Diễn tập: không có nguy hiểm thật, không cần hành động.',
  en: 'Exercise: there is no real danger and nothing to be done.',
};
const CANCELLED_HEADLINE: Localized = { vi: 'Hủy cảnh báo', en: 'Warning cancelled' };

/**
 * Name of a message, unlike any other: the agency, the local second it is sent, and four characters of `unique` (letters and digits), so that
 * a platform restored from a backup doesn't give a name twice.
 */
export function messageIdentifier(agencyId: string, sent: EpochMs, utcOffset: UtcOffset, unique: string): string {
  const time = capTime(sent, utcOffset).slice(0, 19).replaceAll(/[-:]/g, '');
  const tail = unique.replaceAll(/[^0-9a-zA-Z]/g, '').slice(0, 4);
  return `HD-${agencyId}-${time}-${tail}`.toUpperCase();
}

function capArea({ description, outlines, circles, wards }: WarningArea, language: Language): CapArea {
  return {
    areaDesc: description[language].trim(),
    polygons: outlines.map(closedRing),
    circles,
    geocodes: wards.map((value) => ({ valueName: WARD_GEOCODE, value })),
  };
}

/**
 * The message that a proposal becomes when it is sent. An update and a cancellation refer to all earlier messages of the warning, so that a
 * receiver who missed some still knows what is replaced.
 */
export function capOfProposal(
  warning: Pick<Warning, 'status' | 'issued'>,
  { kind, content, reason }: Pick<Proposal, 'kind' | 'content' | 'reason'>,
  { sender, identifier, sent }: CapReference,
  { name }: Pick<WarningSender, 'name'>,
): CapAlert {
  const isCancel = kind === 'cancel';
  const info = (language: Language): CapInfo => {
    const event = content.event[language].trim();
    const shared = {
      language: LANGUAGE_TAG[language],
      categories: content.categories,
      event,
      certainty: content.certainty,
      severity: content.severity,
      effective: wholeSeconds(sent),
      senderName: name[language],
      contact: content.contact.trim(),
      areas: [capArea(content.area, language)],
    };
    if (isCancel) {
      return {
        ...shared,
        responseTypes: ['AllClear'],
        urgency: 'Past',
        headline: `${CANCELLED_HEADLINE[language]}: ${content.headline[language].trim()}`,
        description: reason?.[language] ?? '',
        parameters: [],
      };
    }
    return {
      ...shared,
      responseTypes: content.responseTypes,
      urgency: content.urgency,
      ...(content.onset === null ? {} : { onset: content.onset }),
      ...(content.expires === null ? {} : { expires: content.expires }),
      headline: content.headline[language].trim(),
      description: content.description[language].trim(),
      instruction: content.instruction[language].trim(),
      parameters: content.parameters,
    };
  };
  const notes = [
    ...(warning.status === 'Exercise' ? [EXERCISE_NOTE] : []),
    ...(reason === null ? [] : [reason]),
  ].flatMap((text) => LANGUAGES.map((language) => text[language]));
  return {
    identifier,
    sender,
    sent: wholeSeconds(sent),
    status: warning.status,
    msgType: MESSAGE_TYPE[kind],
    scope: 'Public',
    ...(notes.length === 0 ? {} : { note: notes.join('\n') }),
    references: warning.issued.map((earlier) => ({
      sender: earlier.sender,
      identifier: earlier.identifier,
      sent: epochMs(earlier.sent),
    })),
    infos: LANGUAGES.map(info),
  };
}
