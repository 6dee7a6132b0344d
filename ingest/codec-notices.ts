import type { CodecExcess } from '../domain/ports/codec-bench.ts';
import type { Registry } from '../domain/ports/registry.ts';
import { type Clock, type DurationMs, minutes } from '../domain/time.ts';
import type { CodecCall } from './decode/codec/codec-call.ts';
import type { RaiseNotice } from './notices.ts';

export interface CodecNoticesOptions {
  readonly registry: Pick<Registry, 'as'>;
  readonly raise: RaiseNotice;
  readonly clock: Clock;
  readonly onError: (where: string, error: unknown) => void;
  /** The same codec isn't told of again to the same agency for this long. Default ten minutes. */
  readonly quiet?: DurationMs;
}

/** Tells each agency once that a codec its devices need is suspended, naming the device model and what there was too much of. */
export function createCodecNotices({ registry, raise, clock, onError, quiet = minutes(10) }: CodecNoticesOptions) {
  const said = new Map<string, { readonly source: string; readonly at: number }>();
  return ({ device, source }: CodecCall, excess: CodecExcess): void => {
    if (!device) return;
    const { modelId, agencyId } = device;
    const to = `${modelId}\n${agencyId}`;
    const at = clock();
    const before = said.get(to);
    // An edited codec is another one: it is told of at once.
    if (before && before.source === source && at - before.at < quiet) return;
    said.set(to, { source, at });
    registry
      .as({ kind: 'system', name: 'codec notices' })
      .models.get(modelId)
      .then(({ name }) =>
        raise({
          kind: 'codec.suspended',
          agencyId,
          deviceId: null,
          text: { key: 'notice.codec_suspended', params: { model: name, modelId, excess } },
        }),
      )
      .catch((error) => onError('codec notice', error));
  };
}
