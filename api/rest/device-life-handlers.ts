import { OWN_TOPICS } from '../../domain/asset.ts';
import type { CredentialId, DeviceId, PointId, UserId } from '../../domain/identifiers.ts';
import type { Language } from '../../domain/localized.ts';
import type { RegistryView } from '../../domain/ports/registry.ts';
import { claimPreimage } from '../../domain/provisioning.ts';
import { after, days, type EpochMs, minutes } from '../../domain/time.ts';
import { createClaimGuard } from '../auth/claim-guard.ts';
import { newSecret, sha256Hex } from '../auth/secrets.ts';
import { ApiError, inputRefused } from '../errors.ts';
import { claimLink } from '../labels/label-sheet.ts';
import { referred } from './asset-handlers.ts';
import { createClaimCodes } from './claim-codes.ts';
import { credentialWire } from './device-handlers.ts';
import { chosenAgency } from './device-import-handlers.ts';
import type { Handlers } from './handler.ts';
import type { HandlerPorts } from './handler-ports.ts';

type LifeRoutes =
  | 'GET /devices/{deviceId}/steps'
  | 'POST /devices/{deviceId}/steps'
  | 'POST /devices/{deviceId}/swap'
  | 'POST /devices/{deviceId}/credentials/rotate'
  | 'GET /devices/{deviceId}/claim-code'
  | 'POST /devices/{deviceId}/claim-code'
  | 'DELETE /devices/{deviceId}/claim-code'
  | 'POST /claims';

/** A phone's clock may run ahead by this much; what it notes is then taken as of now. */
const CLOCK_TOLERANCE = minutes(5);
const ROTATION_OVERLAP = days(1);
const ROTATION_OVERLAP_MAX = days(30);

export function deviceLifeHandlers(ports: HandlerPorts): Handlers<LifeRoutes> {
  const { bus, clock, newId, randomBytes, settings } = ports;
  const guard = createClaimGuard(settings.limits);
  const changed = (deviceId: DeviceId): void => bus.publish('device.changed', { deviceId });
  const close = (deviceId: DeviceId, revoked: readonly CredentialId[]): void => {
    for (const credentialId of revoked) bus.publish('credential.revoked', { deviceId, credentialId });
  };
  /** When it happened, as the person's phone noted it; never after now. */
  const happened = (at: EpochMs | undefined, language: Language): EpochMs => {
    const now = clock();
    if (at === undefined) return now;
    if (at > after(now, CLOCK_TOLERANCE)) throw inputRefused('at', 'refusal.inFuture', language);
    return Math.min(at, now) as EpochMs;
  };
  const { claimTimes, newCode } = createClaimCodes(ports);
  const servingWith = async (view: RegistryView, deviceId: DeviceId): Promise<readonly DeviceId[]> => {
    const points = (await view.devices.assignments({ deviceId })).filter(({ to }) => to === null);
    const others = await Promise.all(points.map(({ pointId }) => servingNow(view, pointId)));
    return others.flat();
  };
  const servingNow = async (view: RegistryView, pointId: PointId): Promise<readonly DeviceId[]> =>
    (await view.devices.assignments({ pointId })).filter(({ to }) => to === null).map(({ deviceId }) => deviceId);

  return {
    async 'GET /devices/{deviceId}/steps'({ view, params }) {
      return { items: await view.devices.steps(params.deviceId) };
    },
    async 'POST /devices/{deviceId}/steps'({ view, params, body, language }) {
      // Commissioning is signed for, with what was found at that moment.
      if (body.step === 'commission') throw new ApiError('COMMISSION_NEEDS_SIGNATURE', { id: params.deviceId });
      const { device, revoked } = await view.devices.step(params.deviceId, {
        step: body.step,
        reason: body.reason ?? null,
        at: happened(body.at, language),
      });
      close(device.id, revoked);
      changed(device.id);
      return device;
    },
    async 'POST /devices/{deviceId}/swap'({ view, params, body, language }) {
      await view.devices.get(params.deviceId);
      await referred(view.devices.get(body.replacement));
      const affected = await servingWith(view, params.deviceId);
      const { revoked, ...done } = await view.devices.swap({
        oldId: params.deviceId,
        newId: body.replacement,
        oldBecomes: body.oldBecomes,
        reason: body.reason,
        at: happened(body.at, language),
      });
      close(params.deviceId, revoked);
      for (const id of new Set([params.deviceId, body.replacement, ...affected])) changed(id);
      return done;
    },
    async 'POST /devices/{deviceId}/credentials/rotate'({ view, params, body, language }) {
      const now = clock();
      const othersEndAt = body.othersEndAt ?? after(now, ROTATION_OVERLAP);
      if (othersEndAt > after(now, ROTATION_OVERLAP_MAX))
        throw inputRefused('othersEndAt', 'refusal.tooFarOn', language);
      const token = newSecret(randomBytes);
      const credential = await view.devices.rotateToken(
        {
          id: newId() as CredentialId,
          deviceId: params.deviceId,
          kind: 'token',
          tokenSha256: sha256Hex(token),
          topicFilters: OWN_TOPICS,
          expiresAt: null,
        },
        othersEndAt,
      );
      changed(params.deviceId);
      return { credential: credentialWire(credential), token };
    },

    async 'GET /devices/{deviceId}/claim-code'({ view, params }) {
      const window = await view.devices.claimWindow(params.deviceId);
      if (!window) throw new ApiError('NOT_FOUND', { id: params.deviceId });
      return window;
    },
    async 'POST /devices/{deviceId}/claim-code'({ view, params, body, language, connection }) {
      const made = newCode(params.deviceId);
      const [window] = await view.devices.openClaims([made], claimTimes(body, language));
      if (!window) throw new Error('one claim was asked for, none was opened');
      return { window, code: made.code, link: claimLink(connection.origin, params.deviceId, made.code) };
    },
    async 'DELETE /devices/{deviceId}/claim-code'({ view, params }) {
      await view.devices.closeClaim(params.deviceId);
    },
    async 'POST /claims'({ view, body, caller, actor, language }) {
      const agencyId = chosenAgency(caller, 'assets.write', body.agencyId, language);
      const person = actor.kind === 'person' ? actor.userId : ('' as UserId);
      await guard.pay(body.deviceId, person);
      const device = await view.devices.claim({
        deviceId: body.deviceId,
        codeSha256: sha256Hex(claimPreimage(body.deviceId, body.code)),
        agencyId,
        at: happened(body.at, language),
      });
      await guard.giveBack(body.deviceId, person);
      changed(device.id);
      return device;
    },
  };
}
