import { z } from 'zod';

/** Members the LoRaWAN network servers' messages have in common. Both leave out what is zero, false or empty. */
const decoder = new TextDecoder('utf-8', { fatal: true });

/** The JSON object in `bytes`. @throws {SyntaxError | TypeError} */
export const jsonIn = (bytes: Uint8Array): unknown => JSON.parse(decoder.decode(bytes));

/** DevEUI in either case → lower case. */
export const devEui = z
  .string()
  .regex(/^[0-9a-fA-F]{16}$/)
  .toLowerCase();

export const base64Payload = z
  .base64()
  .default('')
  .transform((text): Uint8Array => Buffer.from(text, 'base64'));

/** RFC 3339 with offset, to nanoseconds → epoch ms. */
export const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

export const decodedObject = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((object) => object ?? null);

const reception = z.object({ rssi: z.number().optional(), snr: z.number().optional() });
/** Gateways that heard a frame. */
export const receptions = z.array(reception).default([]);

/** The strongest level and ratio, each `null` when no gateway says. */
export function best(heard: readonly z.output<typeof reception>[]): {
  readonly bestRssiDbm: number | null;
  readonly bestSnrDb: number | null;
} {
  const highest = (values: readonly (number | undefined)[]): number | null =>
    values.reduce<number | null>((most, n) => (n !== undefined && (most === null || n > most) ? n : most), null);
  return { bestRssiDbm: highest(heard.map(({ rssi }) => rssi)), bestSnrDb: highest(heard.map(({ snr }) => snr)) };
}
