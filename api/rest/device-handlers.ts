import { type Device, type DeviceCredential, OWN_TOPICS } from '../../domain/asset.ts';
import type { CredentialId, DeviceId, PointId } from '../../domain/identifiers.ts';
import type { Activity, RegistryView } from '../../domain/ports/registry.ts';
import { requirePermission } from '../auth/caller.ts';
import { newSecret, sha256Hex } from '../auth/secrets.ts';
import type { ActivityWire, DeviceCredentialWire } from '../contract/assets.ts';
import { inputRefused } from '../errors.ts';
import { referred } from './asset-handlers.ts';
import type { Handlers } from './handler.ts';
import { given, type HandlerPorts, pageOf } from './handler-ports.ts';

type DeviceRoutes =
  | 'GET /devices'
  | 'POST /devices'
  | 'GET /devices/{deviceId}'
  | 'PUT /devices/{deviceId}'
  | 'GET /devices/{deviceId}/assignments'
  | 'POST /devices/{deviceId}/assignments'
  | 'POST /devices/{deviceId}/assignments/end'
  | 'GET /devices/{deviceId}/credentials'
  | 'POST /devices/{deviceId}/credentials'
  | 'DELETE /devices/{deviceId}/credentials/{credentialId}'
  | 'GET /devices/{deviceId}/status'
  | 'GET /devices/{deviceId}/attributes'
  | 'GET /devices/{deviceId}/activities';

/** Levels of a filter under `hd/v1/`, or under what network servers and Sparkplug nodes use; `+` is a whole level, `#` only the last. */
const TOPIC_FILTER = /^(hd\/v1|application|v3|spBv1\.0)(\/(\+|[^+#/\0]+))*(\/#)?$/;

/** What of a credential may be told: neither token nor hash. */
export const credentialWire = (credential: DeviceCredential): DeviceCredentialWire => {
  const { id, deviceId, kind, topicFilters, createdAt, expiresAt, revokedAt } = credential;
  const certificate =
    credential.kind === 'token'
      ? null
      : {
          fingerprintSha256: credential.fingerprintSha256,
          authorityId: credential.authorityId,
          subject: credential.subject,
        };
  return { id, deviceId, kind, certificate, topicFilters, createdAt, expiresAt, revokedAt };
};
const activityWire = ({ deviceId, kind, text, reason, eventTime, recordedAt, by }: Activity): ActivityWire => ({
  deviceId,
  kind,
  text: { key: text.key, ...given('params', text.params === undefined ? undefined : { ...text.params }) },
  reason,
  eventTime,
  recordedAt,
  by,
});

export function deviceHandlers(ports: HandlerPorts): Handlers<DeviceRoutes> {
  const { bus, clock, newId, randomBytes } = ports;
  const changed = (deviceId: DeviceId): void => bus.publish('device.changed', { deviceId });

  /** Devices that serve the point now; a new assignment ends theirs, so they must hear of it. */
  const servingNow = async (view: RegistryView, pointId: PointId): Promise<DeviceId[]> =>
    (await view.devices.assignments({ pointId })).filter(({ to }) => to === null).map(({ deviceId }) => deviceId);

  return {
    async 'GET /devices'({ view, query }) {
      return view.devices.list(
        {
          ...given('agencyId', query.agency),
          ...given('modelId', query.model),
          ...given('state', query.state),
          ...given('pointId', query.point),
          ...given('text', query.text),
        },
        pageOf(query),
      );
    },
    async 'POST /devices'({ view, body }) {
      await referred(view.models.get(body.modelId));
      const device = await view.devices.create(body);
      changed(device.id);
      return device;
    },
    async 'GET /devices/{deviceId}'({ view, params }) {
      return view.devices.get(params.deviceId);
    },
    async 'PUT /devices/{deviceId}'({ view, params, body, version }) {
      const before = await view.devices.get(params.deviceId);
      if (body.modelId !== before.modelId) await referred(view.models.get(body.modelId));
      const device: Device = await view.devices.update({ ...before, ...body, version });
      changed(device.id);
      return device;
    },

    async 'GET /devices/{deviceId}/assignments'({ view, params }) {
      await view.devices.get(params.deviceId);
      return { items: await view.devices.assignments({ deviceId: params.deviceId }) };
    },
    async 'POST /devices/{deviceId}/assignments'({ view, params, body, caller }) {
      const device = await view.devices.get(params.deviceId);
      const point = await referred(view.points.get(body.pointId));
      // Serving a point writes its history: it takes the right in the point's agency, too, not a mere grant to read.
      requirePermission(caller, 'assets.write', device.agencyId);
      requirePermission(caller, 'assets.write', point.agencyId);
      const before = await servingNow(view, body.pointId);
      const assignment = await view.devices.assign({
        deviceId: params.deviceId,
        pointId: body.pointId,
        from: body.from ?? clock(),
      });
      for (const id of new Set([...before, params.deviceId])) changed(id);
      return assignment;
    },
    async 'POST /devices/{deviceId}/assignments/end'({ view, params, body }) {
      await view.devices.unassign(params.deviceId, body.pointId, body.at ?? clock());
      changed(params.deviceId);
    },

    async 'GET /devices/{deviceId}/credentials'({ view, params }) {
      return { items: (await view.devices.credentials(params.deviceId)).map(credentialWire) };
    },
    async 'POST /devices/{deviceId}/credentials'({ view, params, body, language }) {
      const topicFilters = body.topicFilters ?? OWN_TOPICS;
      const wrong = topicFilters.findIndex((filter) => !TOPIC_FILTER.test(filter));
      if (wrong >= 0) throw inputRefused(`topicFilters.${wrong}`, 'refusal.topicFilter', language);
      const expiresAt = body.expiresAt ?? null;
      if (expiresAt !== null && expiresAt <= clock()) throw inputRefused('expiresAt', 'refusal.untilPast', language);
      const token = newSecret(randomBytes);
      const credential = await view.devices.addCredential({
        id: newId() as CredentialId,
        deviceId: params.deviceId,
        kind: 'token',
        tokenSha256: sha256Hex(token),
        topicFilters,
        expiresAt,
      });
      changed(params.deviceId);
      return { credential: credentialWire(credential), token };
    },
    async 'DELETE /devices/{deviceId}/credentials/{credentialId}'({ view, params }) {
      await view.devices.revokeCredential(params.deviceId, params.credentialId);
      bus.publish('credential.revoked', params);
      changed(params.deviceId);
    },

    async 'GET /devices/{deviceId}/status'({ view, params, query }) {
      const { items, next } = await view.devices.statusHistory(params.deviceId, pageOf(query));
      return {
        items: items.map(({ deviceId, online, reason, eventTime, recordedAt }) => ({
          deviceId,
          online,
          reason,
          eventTime,
          recordedAt,
        })),
        next,
      };
    },
    async 'GET /devices/{deviceId}/attributes'({ view, params }) {
      return { ...(await view.devices.attributes(params.deviceId)) };
    },
    async 'GET /devices/{deviceId}/activities'({ view, params }) {
      return { items: (await view.devices.activities(params.deviceId)).map(activityWire) };
    },
  };
}
