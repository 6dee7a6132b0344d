import { cborIn } from './cbor.ts';
import type { DecodeFormat, DecodeServices } from './frame.ts';
import { refused } from './measurement.ts';
import { decodeSenmlPack, type SenmlRecord } from './senml.ts';

/** CBOR labels of the fields [RFC 8428 §6, table 6]. */
const LABELS: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [-1, 'bver'],
  [-2, 'bn'],
  [-3, 'bt'],
  [-4, 'bu'],
  [-5, 'bv'],
  [-6, 'bs'],
  [0, 'n'],
  [1, 'u'],
  [2, 'v'],
  [3, 'vs'],
  [4, 'vb'],
  [5, 's'],
  [6, 't'],
  [7, 'ut'],
  [8, 'vd'],
]);

/** `application/senml+cbor` [RFC 8428 §6]. */
export const openSenmlCbor = (services: DecodeServices): DecodeFormat =>
  function decodeSenmlCbor(frame) {
    let parsed: unknown;
    try {
      parsed = cborIn(frame.bytes);
    } catch (error) {
      return refused('MALFORMED', (error as Error).message);
    }
    return decodeSenmlPack(parsed, senmlRecordOfCbor, services, frame);
  };

/** A record under the labels of the JSON form; `null` when it is no map. Fields added later have text for labels in both forms. */
export const senmlRecordOfCbor = (item: unknown): SenmlRecord | null =>
  item instanceof Map
    ? new Map([...item].map(([label, value]) => [LABELS.get(label) ?? String(label), numeric(value)]))
    : null;

const numeric = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);
