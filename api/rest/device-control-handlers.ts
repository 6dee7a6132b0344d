import {
  type CommandId,
  configurationState,
  type DesiredConfiguration,
  type DeviceCommand,
  parameterProblems,
  type ReportedConfiguration,
} from '../../domain/device-control.ts';
import { after, days, type EpochMs } from '../../domain/time.ts';
import type { DeviceCommandWire, DeviceConfigurationWire } from '../contract/device-control.ts';
import { inputRefused } from '../errors.ts';
import type { Handlers } from './handler.ts';
import { type HandlerPorts, pageOf } from './handler-ports.ts';

type ControlRoutes =
  | 'GET /devices/{deviceId}/commands'
  | 'POST /devices/{deviceId}/commands'
  | 'GET /devices/{deviceId}/commands/{commandId}'
  | 'DELETE /devices/{deviceId}/commands/{commandId}'
  | 'GET /devices/{deviceId}/configuration'
  | 'PUT /devices/{deviceId}/configuration'
  | 'GET /devices/{deviceId}/configuration/versions';

const EXPIRES_AFTER = days(1);
const EXPIRES_AFTER_MAX = days(30);

function commandWire(command: DeviceCommand): DeviceCommandWire {
  const { id, deviceId, agencyId, number, name, params, createdBy, createdAt, expiresAt, state } = command;
  return {
    id,
    deviceId,
    agencyId,
    number,
    name,
    params,
    createdBy,
    createdAt,
    expiresAt,
    state: state.kind,
    stateAt: state.kind === 'waiting' ? null : state.at,
    result: (state.kind === 'done' ? state.result : null) as DeviceCommandWire['result'],
    error: state.kind === 'failed' ? state.error : null,
  };
}
const desiredWire = ({ version, config, setBy, setAt }: DesiredConfiguration) => ({ version, config, setBy, setAt });
const configurationWire = (
  desired: DesiredConfiguration | null,
  reported: ReportedConfiguration | null,
): DeviceConfigurationWire => ({
  version: desired?.version ?? 0,
  state: configurationState(desired, reported),
  desired: desired && desiredWire(desired),
  reported,
});

export function deviceControlHandlers({ bus, clock, newId, settings }: HandlerPorts): Handlers<ControlRoutes> {
  return {
    async 'GET /devices/{deviceId}/commands'({ view, params, query }) {
      const { items, next } = await view.control.commands.list(params.deviceId, pageOf(query));
      return { items: items.map(commandWire), next };
    },
    async 'POST /devices/{deviceId}/commands'({ view, params, body, language }) {
      const { name, params: parameters = {} } = body;
      const [wrong] = parameterProblems(name, parameters);
      if (wrong !== undefined) throw inputRefused(`params.${wrong.parameter}`, 'refusal.commandParameter', language);
      const now = clock();
      const expiresAt: EpochMs = body.expiresAt ?? after(now, EXPIRES_AFTER);
      if (expiresAt <= now) throw inputRefused('expiresAt', 'refusal.untilPast', language);
      if (expiresAt > after(now, EXPIRES_AFTER_MAX)) throw inputRefused('expiresAt', 'refusal.tooFarOn', language);
      const command = await view.control.commands.create(
        { id: newId() as CommandId, deviceId: params.deviceId, name, params: parameters, expiresAt },
        settings.limits.commandsWaitingPerDevice,
      );
      bus.publish('command.given', { deviceId: command.deviceId });
      return commandWire(command);
    },
    async 'GET /devices/{deviceId}/commands/{commandId}'({ view, params }) {
      return commandWire(await view.control.commands.get(params.deviceId, params.commandId));
    },
    async 'DELETE /devices/{deviceId}/commands/{commandId}'({ view, params }) {
      await view.control.commands.cancel(params.deviceId, params.commandId);
    },
    async 'GET /devices/{deviceId}/configuration'({ view, params }) {
      const { desired, reported } = await view.control.configurations.get(params.deviceId);
      return configurationWire(desired, reported);
    },
    async 'PUT /devices/{deviceId}/configuration'({ view, params, body }) {
      const desired = await view.control.configurations.set(params.deviceId, body.config, body.version);
      bus.publish('configuration.wanted', { deviceId: params.deviceId });
      const { reported } = await view.control.configurations.get(params.deviceId);
      return configurationWire(desired, reported);
    },
    async 'GET /devices/{deviceId}/configuration/versions'({ view, params }) {
      return { items: (await view.control.configurations.versions(params.deviceId)).map(desiredWire) };
    },
  };
}
