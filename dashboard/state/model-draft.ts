import type { DeviceModelWire } from '../../api/contract/assets.ts';
import type { RouteBodyInput } from '../../api/contract/routes.ts';
import type { Language } from '../../domain/localized.ts';
import type { Domain, QuantityKey } from '../../domain/quantity.ts';
import { days, minutes, seconds } from '../../domain/time.ts';

export type ModelBody = RouteBodyInput<'PUT /models/{modelId}'>;

type ChannelWire = DeviceModelWire['channels'][number];
type ChecksWire = NonNullable<ChannelWire['checks']>;
type WithGaps<T> = T extends object ? { readonly [K in keyof T]: T[K] | null } : T;
/** Limits of a channel's automatic checks as they stand in the form; `null` in place of a number is an empty field. */
export type ChecksDraft = { readonly [Check in keyof ChecksWire]: WithGaps<ChecksWire[Check]> };
/** One channel as it stands in the form; `null` is an empty field. */
export interface ChannelDraft {
  /** Tells rows apart while they are edited; says nothing else. */
  readonly row: number;
  readonly key: string;
  readonly quantity: string;
  readonly unit: string;
  readonly min: number | null;
  readonly max: number | null;
  /** Limits of the automatic checks; what is absent is as usual for the quantity. */
  readonly checks?: ChecksDraft;
}
/** A device model as it stands in the form. */
export interface ModelDraft {
  readonly maker: string;
  readonly name: string;
  readonly titleVi: string;
  readonly titleEn: string;
  readonly domain: Domain;
  readonly format: string;
  readonly codec: string | null;
  readonly channels: readonly ChannelDraft[];
  readonly intervalSeconds: number | null;
  readonly messagesPerSecond: number | null;
  readonly burstMessages: number | null;
}

const emptyChannel = (row: number): ChannelDraft => ({ row, key: '', quantity: '', unit: '', min: null, max: null });
export const EMPTY_MODEL: ModelDraft = {
  maker: '',
  name: '',
  titleVi: '',
  titleEn: '',
  domain: 'environment',
  format: 'native-json',
  codec: null,
  channels: [emptyChannel(0)],
  intervalSeconds: 300,
  messagesPerSecond: null,
  burstMessages: null,
};

export const withChannel = (draft: ModelDraft): ModelDraft => ({
  ...draft,
  channels: [...draft.channels, emptyChannel(1 + Math.max(-1, ...draft.channels.map(({ row }) => row)))],
});

export const modelDraftOf = (model: DeviceModelWire): ModelDraft => ({
  maker: model.maker,
  name: model.name,
  titleVi: model.title?.vi ?? '',
  titleEn: model.title?.en ?? '',
  domain: model.domain,
  format: model.format,
  codec: model.codec ?? null,
  channels: model.channels.map(({ key, quantity, unit, plausibleRange, checks }, row) => ({
    ...(checks && { checks }),
    row,
    key,
    quantity,
    unit: unit ?? '',
    min: plausibleRange?.min ?? null,
    max: plausibleRange?.max ?? null,
  })),
  intervalSeconds: model.expectedInterval / 1000,
  messagesPerSecond: model.rateLimit?.messagesPerSecond ?? null,
  burstMessages: model.rateLimit?.burstMessages ?? null,
});

/** Of a value that stands still before it is doubted. */
const [LEAST_STILLNESS, MOST_STILLNESS] = [minutes(1), days(30)];

/** What keeps a draft from being a model. */
export const MODEL_GAPS = [
  'maker',
  'name',
  'titleBoth',
  'channelIncomplete',
  'channelTwice',
  'range',
  'checks',
  'interval',
  'rateBoth',
] as const;
export type ModelGap = (typeof MODEL_GAPS)[number];

function gapsOf(draft: ModelDraft): ModelGap[] {
  const { channels } = draft;
  const keys = channels.map(({ key }) => key.trim());
  const wrong: Readonly<Record<ModelGap, boolean>> = {
    maker: draft.maker.trim() === '',
    name: draft.name.trim() === '',
    titleBoth: (draft.titleVi.trim() === '') !== (draft.titleEn.trim() === ''),
    channelIncomplete: channels.length === 0 || channels.some(({ key, quantity }) => key.trim() === '' || !quantity),
    channelTwice: new Set(keys).size < keys.length,
    range: channels.some(({ min, max }) => (min === null) !== (max === null) || (min ?? 0) > (max ?? 0)),
    checks: channels.some(
      ({ checks: { rate, stuck } = {} }) =>
        (rate && (rate.step === null || rate.perMinute === null)) ||
        (stuck && !(stuck.after !== null && stuck.after >= LEAST_STILLNESS && stuck.after <= MOST_STILLNESS)),
    ),
    interval: !(draft.intervalSeconds !== null && draft.intervalSeconds > 0),
    rateBoth: (draft.messagesPerSecond === null) !== (draft.burstMessages === null),
  };
  return MODEL_GAPS.filter((gap) => wrong[gap]);
}

/** The draft as the API takes it, or what is missing. */
export function modelBodyOf(
  draft: ModelDraft,
): { readonly ok: true; readonly body: ModelBody } | { readonly ok: false; readonly gaps: readonly ModelGap[] } {
  const gaps = gapsOf(draft);
  const { intervalSeconds, messagesPerSecond, burstMessages } = draft;
  if (gaps.length > 0 || intervalSeconds === null) return { ok: false, gaps };
  return {
    ok: true,
    body: {
      maker: draft.maker.trim(),
      name: draft.name.trim(),
      title: draft.titleVi.trim() === '' ? null : { vi: draft.titleVi.trim(), en: draft.titleEn.trim() },
      domain: draft.domain,
      format: draft.format,
      codec: draft.codec,
      channels: draft.channels.map(({ key, quantity, unit, min, max, checks }) => ({
        // Its numbers are all there, or there were a gap.
        ...(checks && Object.keys(checks).length > 0 && { checks: checks as ChecksWire }),
        key: key.trim(),
        quantity: quantity as QuantityKey,
        plausibleRange: min === null || max === null ? null : { min, max },
        unit: unit.trim() === '' ? null : unit.trim(),
      })),
      expectedInterval: seconds(intervalSeconds),
      rateLimit: messagesPerSecond === null || burstMessages === null ? null : { messagesPerSecond, burstMessages },
    },
  };
}

/** A model as it is, in the form it is sent in. */
export const bodyOfModel = (model: DeviceModelWire): ModelBody => ({
  maker: model.maker,
  name: model.name,
  title: model.title ?? null,
  domain: model.domain,
  format: model.format,
  codec: model.codec ?? null,
  channels: model.channels.map(({ key, quantity, plausibleRange, unit, checks }) => ({
    ...(checks && { checks }),
    key,
    quantity,
    plausibleRange,
    unit: unit ?? null,
  })),
  expectedInterval: model.expectedInterval,
  rateLimit: model.rateLimit,
});

const FIELDS = [
  'maker',
  'name',
  'title',
  'domain',
  'format',
  'codec',
  'channels',
  'expectedInterval',
  'rateLimit',
] as const satisfies readonly (keyof ModelBody)[];
export type ModelField = (typeof FIELDS)[number];

/** Fields in which two states of a model differ. */
export const changedFields = (before: ModelBody, after: ModelBody): readonly ModelField[] =>
  FIELDS.filter((field) => JSON.stringify(before[field] ?? null) !== JSON.stringify(after[field] ?? null));

/** What a model is called on the screen: what it is, in the reader's language, where somebody has said it; else the maker's name. */
export const modelTitle = (model: Pick<DeviceModelWire, 'name' | 'title'>, language: Language): string =>
  model.title?.[language] ?? model.name;
/** As {@link modelTitle}, of the model with the id; the id of one that is not known. */
export function modelTitleOf(
  models: readonly Pick<DeviceModelWire, 'id' | 'name' | 'title'>[] | undefined,
  modelId: DeviceModelWire['id'],
  language: Language,
): string {
  const model = models?.find(({ id }) => id === modelId);
  return model ? modelTitle(model, language) : modelId;
}
export const modelMake = ({ name, maker }: Pick<DeviceModelWire, 'name' | 'maker'>): string => `${name} · ${maker}`;
