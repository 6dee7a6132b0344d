import type { DecodeFormat } from './measurement.ts';
import { decodeNativeJson } from './native-json.ts';

/** Every payload format by the name a device model gives. A new format is one file and one line here. */
export const FORMATS: ReadonlyMap<string, DecodeFormat> = new Map([['native-json', decodeNativeJson]]);
