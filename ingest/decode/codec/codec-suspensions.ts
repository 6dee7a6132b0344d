import { CODEC_EXCESSES, type CodecExcess, type CodecSuspension } from '../../../domain/ports/codec-bench.ts';
import { type EpochMs, epochMs } from '../../../domain/time.ts';
import type { CodecOutcome } from './codec-call.ts';
import { LIMIT_TEXTS } from './codec-messages.ts';

/** Which codecs are suspended and why, by what became of their calls. A codec that works again is forgotten here. */
export class CodecSuspensions {
  readonly #now: () => number;
  /** What a codec last had too much of. */
  readonly #excesses = new Map<number, CodecExcess>();
  readonly #held = new Map<number, { readonly since: EpochMs; messagesHeld: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Notes what became of a call. Says why its codec is suspended when the call was held back for that, else `null`. */
  note(codec: number, outcome: CodecOutcome): CodecExcess | null {
    if (outcome.kind === 'failed' && outcome.code === 'CODEC_SUSPENDED') return this.#hold(codec);
    if (outcome.kind === 'failed' && outcome.code === 'CODEC_LIMIT') {
      const excess = CODEC_EXCESSES.find((one) => LIMIT_TEXTS[one] === outcome.detail);
      this.#excesses.set(codec, excess ?? 'memory');
    } else if (this.#excesses.size > 0 || this.#held.size > 0) this.forget(codec);
    return null;
  }

  of(codec: number): CodecSuspension | null {
    const held = this.#held.get(codec);
    return held ? { ...held, excess: this.#excessOf(codec) } : null;
  }

  forget(codec: number): void {
    this.#excesses.delete(codec);
    this.#held.delete(codec);
  }

  #hold(codec: number): CodecExcess {
    const known = this.#held.get(codec);
    if (known) known.messagesHeld++;
    else this.#held.set(codec, { since: epochMs(this.#now()), messagesHeld: 1 });
    return this.#excessOf(codec);
  }

  /** Slow calls that each stay below the limit leave no reason of their own. */
  #excessOf(codec: number): CodecExcess {
    return this.#excesses.get(codec) ?? 'time';
  }
}
