import type { DeviceDirectoryEntry } from '../../../domain/asset.ts';
import type { SourcePlace } from '../../../domain/ports/codec-bench.ts';

/** One payload for a JavaScript codec. */
export interface CodecCall {
  readonly source: string;
  readonly bytes: Uint8Array;
  /** LoRaWAN port; 0 for a payload that came without one. */
  readonly fPort: number;
  /** Epoch ms. */
  readonly receivedTime: number;
  /** Whose payload it is; absent for one that is no device's. */
  readonly device?: Pick<DeviceDirectoryEntry, 'deviceId' | 'agencyId' | 'modelId'>;
}

/** What a codec made of a payload. `data` is what it returned, as JSON has it. */
export type CodecOutcome =
  | { readonly kind: 'decoded'; readonly data: Readonly<Record<string, unknown>>; readonly warnings: readonly string[] }
  | { readonly kind: 'failed'; readonly code: CodecFailure; readonly detail: string };

/** It threw, reported errors or returned what is no data; took too much time or memory; was not run, having taken too much before. */
export type CodecFailure = 'CODEC_FAILED' | 'CODEC_LIMIT' | 'CODEC_SUSPENDED';

/** Never rejects. */
export type RunCodec = (call: CodecCall) => Promise<CodecOutcome>;

/** A call that somebody looks at: in a world of its own, with all it says. */
export interface TrialRun {
  readonly outcome: CodecOutcome;
  readonly errors: readonly string[];
  /** Warnings also of a call that reported errors. */
  readonly warnings: readonly string[];
  readonly console: readonly string[];
  readonly place: SourcePlace | null;
  readonly computedMs: number;
}
