import { z } from 'zod';
import type { DecodeFormat, DecodeServices } from './frame.ts';
import { emptyDecoded, refused } from './measurement.ts';
import { base64Payload, best, decodedObject, devEui, instant, jsonIn, receptions } from './network-server-json.ts';
import { decodeUplink, type Uplink } from './uplink.ts';

/** Events of ChirpStack v4's integrations; only `up` carries a payload. */
const EVENTS = ['up', 'status', 'join', 'ack', 'txack', 'log', 'location', 'integration'] as const;
/** MQTT: `application/{id}/device/{devEui}/event/{type}`; HTTP integration: `?event={type}`. */
const MQTT_EVENT = /^application\/[^/]+\/device\/([0-9a-fA-F]{16})\/event\/([a-z]+)$/;
const HTTP_EVENT = /[?&]event=([a-z]+)/;

const UplinkEvent = z
  .object({
    deviceInfo: z.object({ devEui }),
    time: instant.optional(),
    fCnt: z.int().min(0).default(0),
    fPort: z.int().min(0).max(255).default(0),
    data: base64Payload,
    object: decodedObject,
    rxInfo: receptions,
    txInfo: z
      .object({
        frequency: z.number().optional(),
        modulation: z
          .object({
            lora: z.object({ bandwidth: z.number().optional(), spreadingFactor: z.number().optional() }).optional(),
          })
          .optional(),
      })
      .optional(),
  })
  .transform(
    ({ deviceInfo, time, fCnt, fPort, data, object, rxInfo, txInfo }): Uplink => ({
      devEui: deviceInfo.devEui,
      fPort,
      fCnt,
      payload: data,
      decoded: object,
      time: time ?? null,
      ...best(rxInfo),
      gatewayCount: rxInfo.length,
      spreadingFactor: txInfo?.modulation?.lora?.spreadingFactor ?? null,
      bandwidthHz: txInfo?.modulation?.lora?.bandwidth ?? null,
      frequencyHz: txInfo?.frequency ?? null,
    }),
  );

/** The uplink in a ChirpStack v4 `up` event (JSON marshaler). @throws {Error} saying what is wrong with it. */
export const chirpStackUplink = (bytes: Uint8Array): Uplink => UplinkEvent.parse(jsonIn(bytes));

/** Events of ChirpStack v4, by MQTT or by its HTTP integration. */
export const openChirpStack = (services: DecodeServices): DecodeFormat =>
  async function decodeChirpStack(frame) {
    const [, topicEui, mqttEvent] = MQTT_EVENT.exec(frame.topic) ?? [];
    const event = mqttEvent ?? HTTP_EVENT.exec(frame.topic)?.[1] ?? 'up';
    if (!(EVENTS as readonly string[]).includes(event)) return refused('WRONG_TOPIC', `there is no event ${event}`);
    if (event !== 'up') return emptyDecoded();
    let uplink: Uplink;
    try {
      uplink = chirpStackUplink(frame.bytes);
    } catch (error) {
      return refused('MALFORMED', error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message);
    }
    // The sender's rights are by topic: a message under one device's topic must not speak for another.
    if (topicEui !== undefined && topicEui.toLowerCase() !== uplink.devEui) {
      return refused('WRONG_TOPIC', `the event is of ${uplink.devEui}`);
    }
    return decodeUplink(services, frame, uplink);
  };
