import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { DEVICE_ID_PATTERN, type DeviceId } from '../domain/identifiers.ts';
import { SettingsError } from './settings.ts';

/*
 * Other brokers to read from, listed in the YAML file that `ingest.sourcesPath` names. Strict: a misspelt key is an error. Secrets are read from files.
 */
const file = z.string().min(1);
const deviceId = z.string().regex(DEVICE_ID_PATTERN) as unknown as z.ZodType<DeviceId, string>;

const topic = z
  .strictObject({
    filter: z.string().min(1).max(512).describe('MQTT topic filter to subscribe to, e.g. plant/+/data'),
    format: z
      .string()
      .optional()
      .describe("Payload format; absent: what the topic's own standard or the device's model says"),
    device: deviceId.optional().describe('Whose payloads these are; absent: what the payload or the topic says'),
    deviceLevel: z
      .number()
      .int()
      .min(1)
      .max(32)
      .optional()
      .describe("Level of the topic (the first is 1) that holds the device's id or serial number"),
  })
  .refine(
    (given) => given.device === undefined || given.deviceLevel === undefined,
    'give device or deviceLevel, not both',
  );

const source = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/)
    .describe('Unique; shown to operators and in metrics'),
  url: z
    .string()
    .regex(/^(mqtts?|wss?):\/\//)
    .describe('mqtt://, mqtts://, ws:// or wss://'),
  version: z.union([z.literal('3.1.1'), z.literal('5')]).default('3.1.1'),
  device: deviceId.describe(
    'A registered device that stands for the broker: its agency says which devices it may carry',
  ),
  clientId: z.string().min(1).max(23).optional().describe('Absent: hd-{name}; several connections append -1, -2 …'),
  username: z.string().optional(),
  passwordFile: file.optional(),
  caFile: file.optional().describe('Certificate authorities, PEM'),
  certificateFile: file.optional(),
  keyFile: file.optional(),
  connections: z
    .number()
    .int()
    .min(1)
    .max(32)
    .default(1)
    .describe(
      'Each takes one message at a time and acknowledges it when it is durable; more than one needs a shared subscription',
    ),
  shareGroup: z
    .string()
    .regex(/^[^/+#]{1,64}$/)
    .optional()
    .describe('Subscribe as $share/{group}/{filter}, so that the broker divides messages over the connections'),
  sessionExpirySeconds: z
    .number()
    .int()
    .min(0)
    .default(86_400)
    .describe('MQTT 5: how long the broker keeps messages for us'),
  topics: z.array(topic).min(1).max(100),
});

const Sources = z.strictObject({ sources: z.array(source).max(50) }).superRefine(({ sources }, context) => {
  sources.forEach(({ name, connections, shareGroup }, i) => {
    if (sources.findIndex((other) => other.name === name) !== i)
      context.addIssue({ code: 'custom', path: ['sources', i, 'name'], message: 'the name is used twice' });
    if (connections > 1 && shareGroup === undefined)
      context.addIssue({
        code: 'custom',
        path: ['sources', i, 'connections'],
        message: 'more than one connection without shareGroup would take every message more than once',
      });
  });
});

/** One broker to read from. */
export type BrokerSource = z.output<typeof source>;

/** @throws {SettingsError} with every problem at once. */
export function loadSources(path: string | undefined): readonly BrokerSource[] {
  if (path === undefined) return [];
  let given: unknown;
  try {
    given = parseYaml(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new SettingsError(`The list of sources ${path} can't be read: ${(cause as Error).message}`, { cause });
  }
  const parsed = Sources.safeParse(given);
  if (!parsed.success)
    throw new SettingsError(`The list of sources ${path} is wrong:\n${z.prettifyError(parsed.error)}`);
  return parsed.data.sources;
}
