import type { Channel, DeviceDirectoryEntry } from '../domain/asset.ts';
import type { AgencyId, DeviceId, DeviceModelId, SeriesId } from '../domain/identifiers.ts';
import type {
  CodecBench,
  CodecTrial,
  CodecTrialResult,
  InnerPayload,
  TrialValue,
} from '../domain/ports/codec-bench.ts';
import type { QuantityCatalogue } from '../domain/quantity.ts';
import { days, epochMs, minutes } from '../domain/time.ts';
import { chirpStackUplink } from './decode/chirpstack.ts';
import { createCodecSandbox } from './decode/codec/codec-sandbox.ts';
import { theThingsMessage } from './decode/the-things-stack.ts';
import { measurementsOf, type Uplink } from './decode/uplink.ts';
import { createValidator } from './validate/validate.ts';

export interface CodecBenchOptions {
  readonly catalogue: QuantityCatalogue;
  readonly callMilliseconds: number;
  readonly memoryBytes: number;
  readonly maximumItems: number;
  /** Told of every trial, for the metrics. */
  readonly onTrial?: () => void;
}

/** The device a trial's data is taken to be of: one that serves a point with every channel it has. */
function deviceOf(channels: readonly Channel[]): DeviceDirectoryEntry {
  return {
    deviceId: 'trial' as DeviceId,
    agencyId: 'trial' as AgencyId,
    modelId: 'trial' as DeviceModelId,
    state: 'commissioned',
    serialNumber: null,
    format: 'codec',
    codec: null,
    rateLimit: null,
    channels: new Map(
      channels.map(({ key, quantity, plausibleRange, unit = null }, at) => [
        key,
        { series: (at + 1) as SeriesId, quantity, plausibleRange, unit },
      ]),
    ),
    knownChannels: new Set(channels.map(({ key }) => key)),
    credentials: [],
    certificates: [],
  };
}

/** A network server's envelope, whichever it is; `null` for what is none. */
function envelopeIn(bytes: Uint8Array): Uplink | null {
  for (const read of [chirpStackUplink, (given: Uint8Array) => theThingsMessage(given).uplink]) {
    try {
      const uplink = read(bytes);
      if (uplink) return uplink;
    } catch {
      // Not this server's, or none's: radio payloads are seldom JSON.
    }
  }
  return null;
}

/** Where people work on codecs, beside the messages' own way and never in it. */
export function createCodecBench(options: CodecBenchOptions): CodecBench & { stop(): Promise<void> } {
  const { catalogue, maximumItems } = options;
  // A draft that can't be interrupted ends its thread: not the one that decodes the city's messages.
  const trials = createCodecSandbox({ callMilliseconds: options.callMilliseconds, memoryBytes: options.memoryBytes });

  /** What the decode table and the validator would make of the data. */
  const judged = (
    data: Readonly<Record<string, unknown>>,
    { channels, receivedTime }: CodecTrial,
  ): Pick<CodecTrialResult, 'values' | 'unknownKeys' | 'silentChannels' | 'problems'> => {
    const device = deviceOf(channels);
    const decoded = measurementsOf(data, device, maximumItems);
    // Made for this one message: what it remembers of a series must not reach the next trial.
    const validator = createValidator({
      catalogue,
      clockAhead: minutes(5),
      maximumAge: days(30),
      outOfRangeBeforeNotice: 1,
      onSensorFault: () => {},
    });
    const values: TrialValue[] = [];
    validator.validate(
      device,
      decoded,
      receivedTime,
      (series, _eventTime, _arrivalTime, value, quality) => {
        const channel = channels[series - 1];
        const sent = decoded.measurements.find((measured) => measured.channel === channel?.key)?.value;
        if (channel && sent !== undefined)
          values.push({ channel: channel.key, quantity: channel.quantity, sent, value, quality });
      },
      true,
    );
    const unknown = decoded.problems.flatMap(({ code, quantity }) =>
      code === 'UNKNOWN_QUANTITY' && quantity !== null ? [quantity] : [],
    );
    return {
      values,
      unknownKeys: [...unknown, ...decoded.unknownKeys],
      silentChannels: channels.map(({ key }) => key).filter((key) => !values.some(({ channel }) => channel === key)),
      problems: decoded.problems.filter(({ code }) => code !== 'UNKNOWN_QUANTITY'),
    };
  };

  return {
    async try(trial) {
      options.onTrial?.();
      const { source, bytes, fPort, receivedTime, variables } = trial;
      const { outcome, place, ...said } = await trials.trial({ source, bytes, fPort, receivedTime }, variables);
      return outcome.kind === 'decoded'
        ? { ...said, outcome: { kind: 'decoded', data: outcome.data }, ...judged(outcome.data, trial) }
        : { ...said, outcome: { ...outcome, place }, values: [], unknownKeys: [], silentChannels: [], problems: [] };
    },
    payloadIn(bytes): InnerPayload | null {
      const uplink = envelopeIn(bytes);
      const inner = uplink
        ? {
            bytes: uplink.payload,
            fPort: uplink.fPort,
            receivedTime: uplink.time === null ? null : epochMs(uplink.time),
          }
        : { bytes, fPort: 0, receivedTime: null };
      return inner.bytes.length === 0 ? null : inner;
    },
    stop: () => trials.stop(),
  };
}
