import { describe, expect, it } from 'vitest';
import type { DeviceModelWire } from '../../api/contract/assets.ts';
import type { DeviceModelId } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { hours, minutes } from '../../domain/time.ts';
import {
  bodyOfModel,
  changedFields,
  EMPTY_MODEL,
  type ModelDraft,
  modelBodyOf,
  modelDraftOf,
  modelTitle,
  withChannel,
} from './model-draft.ts';

const MODEL: DeviceModelWire = {
  id: 'm' as DeviceModelId,
  agencyId: null,
  maker: 'Milesight',
  name: 'EM500-PP',
  title: { vi: 'Cảm biến áp lực', en: 'Pressure sensor' },
  domain: 'water',
  format: 'codec',
  codec: 'function decodeUplink() {}',
  channels: [
    { key: 'p', quantity: 'water_pressure' as QuantityKey, plausibleRange: { min: 0, max: 10 }, unit: 'bar' },
    { key: 'battery', quantity: 'battery_level' as QuantityKey, plausibleRange: null },
  ],
  expectedInterval: minutes(10),
  rateLimit: { messagesPerSecond: 1, burstMessages: 5 },
  version: 3,
};
const draft = (more: Partial<ModelDraft> = {}): ModelDraft => ({ ...modelDraftOf(MODEL), ...more });
const gaps = (more: Partial<ModelDraft>) => {
  const result = modelBodyOf(draft(more));
  return result.ok ? [] : result.gaps;
};
const channel = modelDraftOf(MODEL).channels[0]!;

describe('a device model in the form', () => {
  it('keeps a channel’s own limits of the checks, and none where it has none', () => {
    const checks = { rate: null, stuck: { after: hours(2) } };
    const given = draft({
      channels: [
        { ...channel, checks },
        { ...channel, row: 1, key: 'q', checks: {} },
      ],
    });
    const result = modelBodyOf(given);
    expect(result.ok && result.body.channels.map((each) => each.checks)).toEqual([checks, undefined]);
  });

  it('comes out as it went in', () => {
    expect(modelBodyOf(draft())).toEqual({ ok: true, body: bodyOfModel(MODEL) });
  });

  it.each([
    { gap: 'maker', more: { maker: ' ' } },
    { gap: 'name', more: { name: '' } },
    { gap: 'checks', more: { channels: [{ ...channel, checks: { rate: { step: 1, perMinute: null } } }] } },
    { gap: 'checks', more: { channels: [{ ...channel, checks: { stuck: { after: hours(0) } } }] } },
    { gap: 'titleBoth', more: { titleEn: '' } },
    { gap: 'channelIncomplete', more: { channels: [] } },
    { gap: 'channelIncomplete', more: { channels: [{ ...channel, quantity: '' }] } },
    { gap: 'channelTwice', more: { channels: [channel, { ...channel, row: 1 }] } },
    { gap: 'range', more: { channels: [{ ...channel, max: null }] } },
    { gap: 'range', more: { channels: [{ ...channel, min: 11 }] } },
    { gap: 'interval', more: { intervalSeconds: 0 } },
    { gap: 'rateBoth', more: { burstMessages: null } },
  ])('is not sent with a gap: $gap', ({ gap, more }) => expect(gaps(more)).toEqual([gap]));

  it('may be without a title and without a limit of its own', () => {
    const result = modelBodyOf(draft({ titleVi: '', titleEn: ' ', messagesPerSecond: null, burstMessages: null }));
    expect(result).toMatchObject({ ok: true, body: { title: null, rateLimit: null } });
  });

  it('gets rows that can be told apart', () => {
    const grown = withChannel(withChannel({ ...EMPTY_MODEL, channels: [] }));
    expect(grown.channels.map(({ row }) => row)).toEqual([0, 1]);
  });
});

describe('two states of a model', () => {
  it('differ in the fields that somebody changed', () => {
    const mine = bodyOfModel(MODEL);
    expect(changedFields(mine, mine)).toEqual([]);
    expect(changedFields(mine, { ...mine, name: 'X', codec: null })).toEqual(['name', 'codec']);
  });
});

describe('what a model is called', () => {
  it('is what it is in the reader’s language, or the maker’s name for it', () => {
    expect(modelTitle(MODEL, 'vi')).toBe('Cảm biến áp lực');
    expect(modelTitle({ name: 'EM500' }, 'vi')).toBe('EM500');
  });
});
