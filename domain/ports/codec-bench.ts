import type { Channel } from '../asset.ts';
import type { Quality } from '../quality.ts';
import type { QuantityKey } from '../quantity.ts';
import type { EpochMs } from '../time.ts';
import type { QuarantineProblem } from './quarantine.ts';

/** A codec, saved or not, and a payload to try it on. */
export interface CodecTrial {
  readonly source: string;
  readonly bytes: Uint8Array;
  /** LoRaWAN port, 0 … 255. */
  readonly fPort: number;
  readonly receivedTime: EpochMs;
  /** What `variables` holds for the codec; messages are decoded with none. */
  readonly variables: Readonly<Record<string, string>>;
  /** Channels the model has or is to have: what the decoded data is held against. */
  readonly channels: readonly Channel[];
}

/** A place in a codec's source, both from 1. */
export interface SourcePlace {
  readonly line: number;
  readonly column: number | null;
}

/** What became of a trial. Nothing is kept of it, and no device or message is touched. */
export interface CodecTrialResult {
  readonly outcome:
    | { readonly kind: 'decoded'; readonly data: Readonly<Record<string, unknown>> }
    | {
        readonly kind: 'failed';
        readonly code: 'CODEC_FAILED' | 'CODEC_LIMIT' | 'CODEC_SUSPENDED';
        readonly detail: string;
        /** Where it threw, when it did. */
        readonly place: SourcePlace | null;
      };
  readonly warnings: readonly string[];
  /** What the codec itself reported as `errors`. */
  readonly errors: readonly string[];
  /** What it wrote to its console, the first lines. */
  readonly console: readonly string[];
  /** Milliseconds of computing of this one call, loading the source included. */
  readonly computedMs: number;
  /** Values as they would be kept, were each channel's quantity measured at a point. */
  readonly values: readonly TrialValue[];
  /** Names in the data that mean nothing to the model: what is numeric would go to quarantine, the rest is passed over. */
  readonly unknownKeys: readonly string[];
  /** Channels of the model that the data says nothing of. */
  readonly silentChannels: readonly string[];
  readonly problems: readonly QuarantineProblem[];
}
export interface TrialValue {
  readonly channel: string;
  readonly quantity: QuantityKey;
  /** As the codec returned it, in the channel's unit. */
  readonly sent: number;
  /** In the quantity's own unit. */
  readonly value: number;
  readonly quality: Quality;
}

/** Why a codec was suspended: what it took too much of. */
export const CODEC_EXCESSES = ['time', 'memory', 'stuck'] as const;
export type CodecExcess = (typeof CODEC_EXCESSES)[number];
/** A codec whose messages aren't given to it: since when, and how many were held back unrun. */
export interface CodecSuspension {
  readonly since: EpochMs;
  /** `stuck`: a call could not be interrupted. */
  readonly excess: CodecExcess;
  readonly messagesHeld: number;
}

/** The payload inside a message: a network server's envelope taken off, where there is one. */
export interface InnerPayload {
  readonly bytes: Uint8Array;
  readonly fPort: number;
  /** When the network received it; `null`: arrival counts. */
  readonly receivedTime: EpochMs | null;
}

/** Where people work on codecs. Offered by ingest to the API, and the same in any process. */
export interface CodecBench {
  /** Never rejects. In a sandbox of its own: what is tried costs no message anything. */
  try(trial: CodecTrial): Promise<CodecTrialResult>;
  /** Of a message's bytes, which may be any; `null` when there is none in them. */
  payloadIn(message: Uint8Array): InnerPayload | null;
}

/** The codecs as they run for messages, at all gateways that answer. */
export interface MessageCodecs {
  /** The earliest, with what all of them held back; `null` while the codec runs everywhere, or was never asked to. */
  suspension(source: string): Promise<CodecSuspension | null>;
  /** The codec is given messages again at once, until it takes too much again. */
  lift(source: string): Promise<void>;
  /** Resolves when changes of devices and models announced so far hold for messages. */
  settled(): Promise<void>;
}
