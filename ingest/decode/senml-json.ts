import type { DecodeFormat, DecodeServices } from './frame.ts';
import { refused } from './measurement.ts';
import { decodeSenmlPack, type SenmlRecord } from './senml.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** `application/senml+json` [RFC 8428 §5]. */
export const openSenmlJson = (services: DecodeServices): DecodeFormat =>
  function decodeSenmlJson(frame) {
    let parsed: unknown;
    try {
      parsed = JSON.parse(decoder.decode(frame.bytes));
    } catch (error) {
      return refused('MALFORMED', (error as Error).message);
    }
    return decodeSenmlPack(parsed, senmlRecordOfJson, services, frame);
  };

/** A record as the JSON form has it; `null` when it is no object. */
export const senmlRecordOfJson = (item: unknown): SenmlRecord | null =>
  typeof item === 'object' && item !== null && !Array.isArray(item) ? new Map(Object.entries(item)) : null;
