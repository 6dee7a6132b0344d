import { RateLimiterMemory } from 'rate-limiter-flexible';
import { agenciesWith } from '../../domain/access.ts';
import type { DeviceModel } from '../../domain/asset.ts';
import type { AgencyId, DeviceId, DeviceModelId } from '../../domain/identifiers.ts';
import type { Language } from '../../domain/localized.ts';
import type { QuarantineFilter } from '../../domain/ports/quarantine.ts';
import { qualityKind } from '../../domain/quality.ts';
import { unitConversion } from '../../domain/unit.ts';
import { type Caller, requirePermission, rolesOf } from '../auth/caller.ts';
import { pay } from '../auth/rate.ts';
import type { ModelPayloadWire } from '../contract/models.ts';
import { inputRefused } from '../errors.ts';
import type { Handlers } from './handler.ts';
import type { HandlerPorts } from './handler-ports.ts';
import { replayDeeds } from './quarantine-handlers.ts';

type ModelRoutes =
  | 'GET /models'
  | 'POST /models'
  | 'GET /models/{modelId}'
  | 'PUT /models/{modelId}'
  | 'GET /model-usage'
  | 'POST /models/{modelId}/withdraw'
  | 'DELETE /models/{modelId}/withdrawal'
  | 'GET /models/{modelId}/codec'
  | 'DELETE /models/{modelId}/codec/suspension'
  | 'GET /models/{modelId}/payloads'
  | 'POST /models/{modelId}/replay'
  | 'POST /codecs/try';

/** Payloads offered to try a codec on. */
const PAYLOADS_SHOWN = 50;
/** The newest that are held of a model. */
const PAYLOADS_LOOKED_AT = 200;
/** Longer messages are not offered. */
const PAYLOAD_BYTES_MAX = 16_384;
/** Of one device, so that a noisy one leaves room for others. */
const PAYLOADS_PER_DEVICE = 10;
/** Devices of a model whose newest messages are watched for as long as somebody asks. */
const DEVICES_WATCHED = 5;
/** Messages put through again in one call. */
const REPLAYED_AT_ONCE = 1_000;

export function modelHandlers(ports: HandlerPorts): Handlers<ModelRoutes> {
  const { bus, clock, codecs, index, log, newId, catalogue, formats, messageCodecs, quarantine, tail } = ports;
  const tries = new RateLimiterMemory({
    keyPrefix: 'codec-tries',
    points: ports.settings.limits.codecTriesPerMinute,
    duration: 60,
  });

  const checkChannels = (channels: DeviceModel['channels'], language: Language): void => {
    const wrong = channels.findIndex((channel) => !catalogue.has(channel.quantity));
    if (wrong >= 0) throw inputRefused(`channels.${wrong}.quantity`, 'refusal.quantityUnknown', language);
    const worked = channels.findIndex((channel) => catalogue.get(channel.quantity)?.computed === true);
    if (worked >= 0) throw inputRefused(`channels.${worked}.quantity`, 'refusal.quantityComputed', language);
    const ownUnit = channels.findIndex(
      ({ unit, quantity }) => unit && !unitConversion(unit, catalogue.get(quantity)?.unit ?? '').ok,
    );
    if (ownUnit >= 0) throw inputRefused(`channels.${ownUnit}.unit`, 'refusal.unitNotConvertible', language);
  };
  const checkModel = (model: Pick<DeviceModel, 'format' | 'channels'>, language: Language): void => {
    if (!formats.includes(model.format)) throw inputRefused('format', 'refusal.formatUnknown', language);
    checkChannels(model.channels, language);
  };
  /** A model offered to every agency is the platform's to change. */
  const requireOwner = (caller: Caller, { agencyId }: Pick<DeviceModel, 'agencyId'>): void =>
    requirePermission(caller, agencyId === null ? 'platform.administer' : 'assets.write', agencyId);

  /** Devices of the model whose bytes the caller may see. */
  const devicesOf = (model: DeviceModelId, caller: Caller): ReadonlySet<DeviceId> => {
    const agencies = agenciesWith(rolesOf(caller), 'quarantine.read');
    const readable = agencies === 'all' ? null : new Set<AgencyId>(agencies);
    return new Set(
      [...index.devices.values()].flatMap(({ device }) =>
        device.modelId === model && (readable === null || readable.has(device.agencyId)) ? [device.id] : [],
      ),
    );
  };
  /** What is held of the model's devices, as far as the caller may see it. */
  const heldOf = (model: DeviceModelId, caller: Caller): QuarantineFilter => ({
    agencies: agenciesWith(rolesOf(caller), 'quarantine.read'),
    modelId: model,
    state: 'held',
  });
  const payloadWire = (
    message: Pick<ModelPayloadWire, 'source' | 'quarantineId' | 'deviceId' | 'arrivalTime' | 'problems'> & {
      readonly bytes: Uint8Array;
    },
  ): ModelPayloadWire[] => {
    const { bytes, arrivalTime, source, quarantineId, deviceId, problems } = message;
    const inner = codecs.payloadIn(bytes);
    if (!inner) return [];
    const base64 = Buffer.from(inner.bytes).toString('base64');
    const receivedTime = inner.receivedTime ?? arrivalTime;
    return [{ source, quarantineId, deviceId, arrivalTime, problems, fPort: inner.fPort, receivedTime, base64 }];
  };
  /** The newest messages of a few of the devices, those that are connected first; begins to watch them. */
  const watched = async (devices: ReadonlySet<DeviceId>): Promise<ModelPayloadWire[]> => {
    const online = (id: DeviceId): number => Number(index.devices.get(id)?.online === true);
    const chosen = [...devices].sort((a, b) => online(b) - online(a)).slice(0, DEVICES_WATCHED);
    const seen = await Promise.all(
      chosen.map(async (deviceId) => ({ deviceId, messages: (await tail.watch(deviceId)).found.messages })),
    );
    return seen.flatMap(({ deviceId, messages }) =>
      messages
        // What could not be used is in quarantine as well; what isn't kept whole is no use.
        .filter(({ problems, bytes, sizeBytes }) => problems.length === 0 && bytes.length === sizeBytes)
        .flatMap(({ bytes, arrivalTime }) =>
          payloadWire({ source: 'live', quarantineId: null, deviceId, arrivalTime, problems: [], bytes }),
        ),
    );
  };
  const by = (caller: Caller): string | null => (caller.kind === 'person' ? caller.userId : null);

  return {
    async 'GET /models'({ view }) {
      return { items: await view.models.list() };
    },
    async 'POST /models'({ view, body, caller, language }) {
      checkModel(body, language);
      if (body.agencyId === null) requirePermission(caller, 'platform.administer', null);
      return view.models.create({ ...body, id: body.id ?? (newId() as DeviceModelId) });
    },
    async 'GET /models/{modelId}'({ view, params }) {
      return view.models.get(params.modelId);
    },
    async 'PUT /models/{modelId}'({ view, params, body, version, caller, language }) {
      checkModel(body, language);
      const before = await view.models.get(params.modelId);
      requireOwner(caller, before);
      const model = await view.models.update({ ...before, ...body, version });
      for (const { device } of index.devices.values())
        if (device.modelId === model.id) bus.publish('device.changed', { deviceId: device.id });
      return model;
    },
    async 'GET /model-usage'({ view }) {
      return { items: await view.models.usage() };
    },
    async 'POST /models/{modelId}/withdraw'({ view, params, body, version, caller }) {
      requireOwner(caller, await view.models.get(params.modelId));
      return view.models.withdraw(params.modelId, version, body.reason);
    },
    async 'DELETE /models/{modelId}/withdrawal'({ view, params, version, caller }) {
      requireOwner(caller, await view.models.get(params.modelId));
      await view.models.offerAgain(params.modelId, version);
    },

    async 'GET /models/{modelId}/codec'({ view, params, caller }) {
      const { codec } = await view.models.get(params.modelId);
      const filter = heldOf(params.modelId, caller);
      const held = filter.agencies.length === 0 ? null : await quarantine.count(filter);
      return {
        suspension: codec ? await messageCodecs.suspension(codec) : null,
        heldMessages: held?.found ?? null,
        away: held?.away ?? [],
      };
    },
    async 'DELETE /models/{modelId}/codec/suspension'({ view, params, caller }) {
      const { codec, agencyId, id: targetId } = await view.models.get(params.modelId);
      if (!codec) return;
      const { excess = null, since = null } = (await messageCodecs.suspension(codec)) ?? {};
      await messageCodecs.lift(codec);
      const deed = { agencyId, action: 'codec.resume', targetKind: 'device_model', targetId } as const;
      await view.audit.note([{ ...deed, after: { excess, suspendedSince: since } }]);
      log.info({ event: 'codec.lifted', by: by(caller), model: params.modelId }, 'suspended codec may try again');
    },
    async 'GET /models/{modelId}/payloads'({ view, params, caller }) {
      await view.models.get(params.modelId);
      const items = await watched(devicesOf(params.modelId, caller));
      const shown = new Map<DeviceId, number>();
      const bytesAtMost = PAYLOAD_BYTES_MAX;
      const { found } = await quarantine.list(heldOf(params.modelId, caller), PAYLOADS_LOOKED_AT, { bytesAtMost });
      for (const message of found) {
        const { id: quarantineId, deviceId, bytes } = message;
        const before = shown.get(deviceId) ?? 0;
        if (before >= PAYLOADS_PER_DEVICE || bytes === null) continue;
        shown.set(deviceId, before + 1);
        const problems = [...message.problems];
        items.push(...payloadWire({ ...message, bytes, source: 'quarantine', quarantineId, problems }));
      }
      return { items: items.sort((a, b) => b.arrivalTime - a.arrivalTime).slice(0, PAYLOADS_SHOWN) };
    },
    async 'POST /models/{modelId}/replay'({ view, params, caller }) {
      await view.models.get(params.modelId);
      // The codec just saved is to read them.
      await messageCodecs.settled();
      const { found: held, next } = await quarantine.list(heldOf(params.modelId, caller), REPLAYED_AT_ONCE);
      const replayed = held.map(({ id }) => id);
      const { found: outcomes } = await quarantine.replay(replayed, { backfill: false });
      await view.audit.note(replayDeeds(held, outcomes, false));
      log.info(
        { event: 'quarantine.replayed', by: by(caller), model: params.modelId, messages: replayed.length },
        'quarantined messages of a device model put through again',
      );
      return {
        messages: replayed.length,
        accepted: outcomes.reduce((sum, { accepted }) => sum + accepted, 0),
        remaining: outcomes.filter(({ problems }) => problems.length > 0).length,
        more: next !== null,
      };
    },
    async 'POST /codecs/try'({ body, caller, language }) {
      await pay(tries, by(caller) ?? '');
      checkChannels(body.channels, language);
      const { base64, receivedTime = clock(), variables = {}, ...trial } = body;
      const result = await codecs.try({ ...trial, receivedTime, variables, bytes: Buffer.from(base64, 'base64') });
      return {
        ...result,
        values: result.values.map((value) => ({ ...value, quality: qualityKind(value.quality) })),
        problems: [...result.problems],
      };
    },
  };
}
