import { z } from 'zod';
import type { DecodeFormat, DecodeServices } from './frame.ts';
import { emptyDecoded, refused } from './measurement.ts';
import { base64Payload, best, decodedObject, devEui, instant, jsonIn, receptions } from './network-server-json.ts';
import { decodeUplink, type Uplink } from './uplink.ts';

/** MQTT: `v3/{application}@{tenant}/devices/{device}/up`, and beside `up` what needs no decoding (`join`, `down/ack` …). */
const MQTT_TOPIC = /^v3\/[^/]+\/devices\/([^/]+)\/(.+)$/;

const EndDevice = z.object({ device_id: z.string().optional(), dev_eui: devEui });
const UplinkMessage = z.object({
  f_port: z.int().min(0).max(255).default(0),
  f_cnt: z.int().min(0).default(0),
  frm_payload: base64Payload,
  decoded_payload: decodedObject,
  rx_metadata: receptions,
  settings: z
    .object({
      data_rate: z
        .object({
          lora: z.object({ bandwidth: z.number().optional(), spreading_factor: z.number().optional() }).optional(),
        })
        .optional(),
      /** Text: a 64-bit integer in protobuf's JSON. */
      frequency: z.coerce.number().positive().optional(),
    })
    .optional(),
  received_at: instant.optional(),
});
const Message = z.object({
  end_device_ids: EndDevice,
  received_at: instant.optional(),
  uplink_message: UplinkMessage.optional(),
});

export interface TheThingsMessage {
  readonly deviceId: string | null;
  /** `null`: a message about joining, downlinks or the like. */
  readonly uplink: Uplink | null;
}

/** A v3 message. @throws {Error} saying what is wrong with it. */
export function theThingsMessage(bytes: Uint8Array): TheThingsMessage {
  const { end_device_ids: device, received_at: seenAt, uplink_message: up } = Message.parse(jsonIn(bytes));
  if (!up) return { deviceId: device.device_id ?? null, uplink: null };
  const lora = up.settings?.data_rate?.lora;
  return {
    deviceId: device.device_id ?? null,
    uplink: {
      devEui: device.dev_eui,
      fPort: up.f_port,
      fCnt: up.f_cnt,
      payload: up.frm_payload,
      decoded: up.decoded_payload,
      // The network server's time, before the application server's own.
      time: up.received_at ?? seenAt ?? null,
      ...best(up.rx_metadata),
      gatewayCount: up.rx_metadata.length,
      spreadingFactor: lora?.spreading_factor ?? null,
      bandwidthHz: lora?.bandwidth ?? null,
      frequencyHz: up.settings?.frequency ?? null,
    },
  };
}

/** Messages of The Things Stack v3, by MQTT or webhook. */
export const openTheThingsStack = (services: DecodeServices): DecodeFormat =>
  async function decodeTheThingsStack(frame) {
    let message: TheThingsMessage;
    try {
      message = theThingsMessage(frame.bytes);
    } catch (error) {
      return refused('MALFORMED', error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message);
    }
    // The sender's rights are by topic: a message under one device's topic must not speak for another.
    const topicDevice = MQTT_TOPIC.exec(frame.topic)?.[1];
    if (topicDevice !== undefined && message.deviceId !== null && topicDevice !== message.deviceId)
      return refused('WRONG_TOPIC', `the message is of ${message.deviceId}`);
    return message.uplink ? decodeUplink(services, frame, message.uplink) : emptyDecoded();
  };
