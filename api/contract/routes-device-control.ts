import { z } from 'zod';
import * as control from './device-control.ts';
import type { RouteTable } from './route.ts';
import { deviceId, listOf, pageOf, pageQuery } from './wire.ts';

const deviceParams = z.object({ deviceId });
const commandParams = z.object({ deviceId, commandId: control.commandId });

/** Talking back: commands and configuration. */
export const DEVICE_CONTROL_ROUTES = {
  'GET /devices/{deviceId}/commands': {
    tag: 'devices',
    summary: { vi: 'Lệnh gửi thiết bị, mới nhất trước', en: 'Commands to the device, newest first' },
    access: 'read',
    params: deviceParams,
    query: z.object(pageQuery),
    answer: pageOf(control.deviceCommand),
    status: 200,
  },
  'POST /devices/{deviceId}/commands': {
    tag: 'devices',
    summary: {
      vi: 'Gửi lệnh cho thiết bị; thiết bị đang ngủ nhận khi kết nối lại',
      en: 'Give the device a command; one that is asleep gets it when it is back',
    },
    access: 'assets.write',
    params: deviceParams,
    body: control.commandGiven,
    answer: control.deviceCommand,
    status: 201,
  },
  'GET /devices/{deviceId}/commands/{commandId}': {
    tag: 'devices',
    summary: { vi: 'Một lệnh', en: 'One command' },
    access: 'read',
    params: commandParams,
    answer: control.deviceCommand,
    status: 200,
  },
  'DELETE /devices/{deviceId}/commands/{commandId}': {
    tag: 'devices',
    summary: { vi: 'Hủy lệnh chưa được trả lời', en: 'Take back a command that was not answered' },
    access: 'assets.write',
    params: commandParams,
    status: 204,
  },
  'GET /devices/{deviceId}/configuration': {
    tag: 'devices',
    summary: { vi: 'Cấu hình mong muốn và thiết bị báo về', en: 'Configuration, desired and reported' },
    access: 'read',
    params: deviceParams,
    answer: control.deviceConfiguration,
    status: 200,
  },
  'PUT /devices/{deviceId}/configuration': {
    tag: 'devices',
    summary: { vi: 'Đặt cấu hình mong muốn', en: 'Set the desired configuration' },
    access: 'assets.write',
    params: deviceParams,
    body: control.configurationWanted,
    answer: control.deviceConfiguration,
    status: 200,
  },
  'GET /devices/{deviceId}/configuration/versions': {
    tag: 'devices',
    summary: {
      vi: 'Các phiên bản cấu hình, mới nhất trước',
      en: 'Versions of the desired configuration, newest first',
    },
    access: 'read',
    params: deviceParams,
    answer: listOf(control.desiredVersion),
    status: 200,
  },
} as const satisfies RouteTable;
