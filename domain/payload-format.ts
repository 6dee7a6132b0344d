/** Names of the payload formats a device model may have; each is one file of the decode table (`ingest/decode/formats.ts`). */
export const PAYLOAD_FORMATS = [
  'native-json',
  'native-cbor',
  'senml-json',
  'senml-cbor',
  'sparkplug-b',
  'chirpstack-v4',
  'the-things-stack-v3',
  'line-protocol',
  'station-file',
  'codec',
] as const;
export type PayloadFormat = (typeof PAYLOAD_FORMATS)[number];
