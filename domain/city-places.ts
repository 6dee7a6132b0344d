import type { AgencyId } from './identifiers.ts';
import type { Localized } from './localized.ts';
import { DOMAINS } from './quantity.ts';

/**
 * Where the points of a city are and whose: all that a map of fifty thousand needs before somebody looks closer. Columns of one length; `number` stands
 * for the point's id as long as `epoch` is the same.
 */
export interface CityPlaces {
  /** Of the registry's numbering, whichever server answers: numbers of another epoch mean other points. */
  readonly epoch: string;
  /** Changes with whatever is known of points, devices and agencies. */
  readonly assets: string;
  readonly agencies: readonly { readonly id: AgencyId; readonly name: Localized }[];
  readonly length: number;
  /** Ascending. */
  readonly number: Int32Array;
  /** Degrees. */
  readonly longitude: Float64Array;
  readonly latitude: Float64Array;
  /** Index in `DOMAINS`. */
  readonly domain: Uint8Array;
  /** Index in `agencies`. */
  readonly agency: Uint16Array;
}

/** A tenth of a metre. */
const STEPS_PER_DEGREE = 1e6;
const FORMAT = 1;
/** Int32 columns: number, longitude, latitude; then a byte and two for domain and agency. */
const BYTES_PER_POINT = 3 * 4 + 1 + 2;

/**
 * As bytes: uint8 format, uint32 length of the JSON header, the header `{epoch, assets, agencies, length}`, then the columns. Each number is the difference from the
 * one before, and the bytes of a column lie by their weight (all lowest bytes, then the next …): so they compress to little more than what is new in them.
 */
export function writeCityPlaces(places: CityPlaces): Uint8Array {
  const { epoch, assets, agencies, length } = places;
  const header = new TextEncoder().encode(JSON.stringify({ epoch, assets, agencies, length }));
  const bytes = new Uint8Array(5 + header.length + length * BYTES_PER_POINT);
  bytes[0] = FORMAT;
  new DataView(bytes.buffer).setUint32(1, header.length, true);
  bytes.set(header, 5);
  let at = 5 + header.length;
  const column = (width: number, valueAt: (i: number) => number): void => {
    let before = 0;
    for (let i = 0; i < length; i++) {
      const value = valueAt(i);
      const difference = value - before;
      before = value;
      // Small steps back and forth get small numbers.
      const folded = ((difference << 1) ^ (difference >> 31)) >>> 0;
      for (let byte = 0; byte < width; byte++) bytes[at + byte * length + i] = (folded >>> (8 * byte)) & 0xff;
    }
    at += width * length;
  };
  column(4, (i) => places.number[i] as number);
  column(4, (i) => Math.round((places.longitude[i] as number) * STEPS_PER_DEGREE));
  column(4, (i) => Math.round((places.latitude[i] as number) * STEPS_PER_DEGREE));
  bytes.set(places.domain, at);
  at += length;
  for (let i = 0; i < length; i++) {
    bytes[at + i] = (places.agency[i] as number) & 0xff;
    bytes[at + length + i] = (places.agency[i] as number) >>> 8;
  }
  return bytes;
}

/** @throws {RangeError} for bytes that {@link writeCityPlaces} has not written. */
export function readCityPlaces(bytes: Uint8Array): CityPlaces {
  if (bytes.length < 5 || bytes[0] !== FORMAT) throw new RangeError('these bytes are no places of a city');
  const headerLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1, true);
  const { epoch, assets, agencies, length } = JSON.parse(
    new TextDecoder().decode(bytes.subarray(5, 5 + headerLength)),
  ) as Pick<CityPlaces, 'epoch' | 'assets' | 'agencies' | 'length'>;
  let at = 5 + headerLength;
  if (bytes.length !== at + length * BYTES_PER_POINT)
    throw new RangeError(`places of ${length} points don't fill ${bytes.length} bytes`);
  const column = <T extends Int32Array | Float64Array>(into: T, scale: number): T => {
    let before = 0;
    for (let i = 0; i < length; i++) {
      let folded = 0;
      for (let byte = 3; byte >= 0; byte--) folded = (folded << 8) | (bytes[at + byte * length + i] as number);
      before += (folded >>> 1) ^ -(folded & 1);
      into[i] = before / scale;
    }
    at += 4 * length;
    return into;
  };
  const number = column(new Int32Array(length), 1);
  const longitude = column(new Float64Array(length), STEPS_PER_DEGREE);
  const latitude = column(new Float64Array(length), STEPS_PER_DEGREE);
  // A copy, also of a Node Buffer, whose `slice` is a view.
  const domain = new Uint8Array(bytes.subarray(at, at + length));
  if (domain.some((index) => index >= DOMAINS.length)) throw new RangeError('places name a domain that is not there');
  at += length;
  const agency = new Uint16Array(length);
  for (let i = 0; i < length; i++) agency[i] = (bytes[at + i] as number) | ((bytes[at + length + i] as number) << 8);
  return { epoch, assets, agencies, length, number, longitude, latitude, domain, agency };
}
