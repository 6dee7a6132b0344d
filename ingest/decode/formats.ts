import type { PayloadFormat } from '../../domain/payload-format.ts';
import { openChirpStack } from './chirpstack.ts';
import { openCodecPayload } from './codec-payload.ts';
import type { DecodeFormat, DecodeServices, Frame, OpenFormat } from './frame.ts';
import { openLineProtocol } from './line-protocol.ts';
import { type Decoded, refused } from './measurement.ts';
import { openNativeCbor } from './native-cbor.ts';
import { decodeNativeJson } from './native-json.ts';
import { openSenmlCbor } from './senml-cbor.ts';
import { openSenmlJson } from './senml-json.ts';
import { openSparkplug } from './sparkplug.ts';
import { openStationFile } from './station-file.ts';
import { openTheThingsStack } from './the-things-stack.ts';

/** Every payload format. A new one is one file, one name in the domain, and one line here. */
const OPENERS: Readonly<Record<PayloadFormat, OpenFormat>> = {
  'native-json':
    ({ limits }) =>
    ({ bytes }) =>
      decodeNativeJson(bytes, limits),
  'native-cbor': openNativeCbor,
  'senml-json': openSenmlJson,
  'senml-cbor': openSenmlCbor,
  'sparkplug-b': openSparkplug,
  'chirpstack-v4': openChirpStack,
  'the-things-stack-v3': openTheThingsStack,
  'line-protocol': openLineProtocol,
  'station-file': openStationFile,
  codec: openCodecPayload,
};
/** By the name a device model gives. */
export const FORMATS: ReadonlyMap<string, OpenFormat> = new Map(Object.entries(OPENERS));

/** Topics and paths whose own standard says the format, whatever the sender's model. */
const FORMAT_OF_TOPIC: readonly (readonly [RegExp, string])[] = [
  [/^spBv1\.0\//, 'sparkplug-b'],
  [/^application\/[^/]+\/device\/[^/]+\/event\//, 'chirpstack-v4'],
  [/^v3\/[^/]+\/devices\//, 'the-things-stack-v3'],
  [/^\/(api\/v2\/)?write(\?|$)/, 'line-protocol'],
];

export interface Decoder {
  /** Decodes a message in the format its topic says, or else its sender's model. Total, as every format is. */
  decode(frame: Frame): Decoded | Promise<Decoded>;
}

/** All formats, opened: the way from a message's bytes to raw measurements. */
export function openDecoder(services: Omit<DecodeServices, 'decodeAs'>): Decoder {
  const opened = new Map<string, DecodeFormat>();
  const decodeAs: DecodeServices['decodeAs'] = (format, frame) =>
    opened.get(format)?.(frame) ?? refused('UNKNOWN_FORMAT', format);
  for (const [name, open] of FORMATS) opened.set(name, open({ ...services, decodeAs }));
  return {
    decode(frame) {
      if (frame.format !== undefined) return decodeAs(frame.format, frame);
      // Native topics are the most, and say nothing of the format.
      if (frame.topic.startsWith('hd/')) return decodeAs(frame.device.format, frame);
      const format = FORMAT_OF_TOPIC.find(([pattern]) => pattern.test(frame.topic))?.[1];
      return decodeAs(format ?? frame.device.format, frame);
    },
  };
}
