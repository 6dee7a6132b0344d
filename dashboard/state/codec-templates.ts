import type { DeviceModelWire } from '../../api/contract/assets.ts';

export const CODEC_TEMPLATES = ['decodeUplink', 'Decode', 'Decoder'] as const;
export type CodecTemplate = (typeof CODEC_TEMPLATES)[number];

/** `battery`, and for names that are no identifiers `['air.temperature']`. */
const member = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);

/** A first codec for a model: each channel read as two bytes, signed, the most significant first, which is how most makers begin. */
export function codecTemplate(form: CodecTemplate, channels: DeviceModelWire['channels']): string {
  const reads = channels.map(
    ({ key }, at) => `  data${member(key)} = ((bytes[${2 * at}] << 24 >> 16) | bytes[${2 * at + 1}]) / 10;`,
  );
  const body = ['  var data = {};', ...reads].join('\n');
  switch (form) {
    case 'decodeUplink':
      return `// ChirpStack v4, The Things Stack: input = { bytes, fPort, recvTime, variables }
function decodeUplink(input) {
  var bytes = input.bytes;
  if (bytes.length < ${2 * channels.length}) return { errors: ['the payload is too short'] };
${body}
  return { data: data, warnings: [], errors: [] };
}
`;
    case 'Decode':
      return `// ChirpStack v3
function Decode(fPort, bytes, variables) {
${body}
  return data;
}
`;
    case 'Decoder':
      return `// The Things Network v2
function Decoder(bytes, port) {
${body}
  return data;
}
`;
  }
}
