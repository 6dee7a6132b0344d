/** One payload for a JavaScript codec. */
export interface CodecCall {
  readonly source: string;
  readonly bytes: Uint8Array;
  /** LoRaWAN port; 0 for a payload that came without one. */
  readonly fPort: number;
  /** Epoch ms. */
  readonly receivedTime: number;
}

/** What a codec made of a payload. `data` is what it returned, as JSON has it. */
export type CodecOutcome =
  | { readonly kind: 'decoded'; readonly data: Readonly<Record<string, unknown>>; readonly warnings: readonly string[] }
  | { readonly kind: 'failed'; readonly code: CodecFailure; readonly detail: string };

/** It threw, reported errors or returned what is no data; took too much time or memory; was not run, having taken too much before. */
export type CodecFailure = 'CODEC_FAILED' | 'CODEC_LIMIT' | 'CODEC_SUSPENDED';

/** Never rejects. */
export type RunCodec = (call: CodecCall) => Promise<CodecOutcome>;
