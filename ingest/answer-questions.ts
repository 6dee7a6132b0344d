import type { GatewayId } from '../domain/identifiers.ts';
import type { DeviceTail } from '../domain/ports/device-tail.ts';
import type {
  HeldIdentity,
  HeldMessage,
  Quarantine,
  QuarantinedMessage,
  ReplayQuarantined,
} from '../domain/ports/quarantine.ts';
import type { Requests } from '../domain/ports/requests.ts';
import type { CodecSandbox } from './decode/codec/codec-sandbox.ts';
import type { DeviceDirectory } from './validate/device-directory.ts';

export interface AnsweringParts {
  readonly bus: Requests;
  readonly gateway: GatewayId;
  readonly quarantine: Quarantine;
  readonly replay: ReplayQuarantined;
  readonly tail: DeviceTail;
  /** Where the codecs of messages run. */
  readonly codecs: Pick<CodecSandbox, 'suspension' | 'lift'>;
  readonly directory: Pick<DeviceDirectory, 'settled'>;
}

const told = ({ bytes, ...message }: QuarantinedMessage, bytesAtMost: number): HeldMessage => ({
  ...message,
  sizeBytes: bytes.length,
  bytes: bytes.length <= bytesAtMost ? bytes : null,
});

const pick = ({ id, agencyId, deviceId }: QuarantinedMessage): HeldIdentity => ({ id, agencyId, deviceId });

/** Of one answer with a list, about: what is beyond it comes with the next page. */
const LIST_BYTES_MAX = 4_194_304;
/** At most three bytes a character, and what surrounds them. */
const sizeOf = ({ topic, problems, bytes }: HeldMessage): number =>
  problems.reduce((sum, { detail }) => sum + 3 * detail.length + 128, 3 * topic.length + (bytes?.length ?? 0) + 512);

/** Says to whoever asks over the bus what this gateway alone knows, and does what only it can do. Returns what ends it. */
export function answerQuestions(parts: AnsweringParts): () => void {
  const { bus, gateway, quarantine, replay, tail, codecs, directory } = parts;
  const ends = [
    bus.answer('quarantine.list', gateway, async ({ filter, limit, after, bytesAtMost }) => {
      const found = await quarantine.list(filter, limit, after ?? undefined);
      const messages: HeldMessage[] = [];
      let size = 0;
      for (const message of found) {
        const held = told(message, bytesAtMost);
        size += sizeOf(held);
        if (size > LIST_BYTES_MAX && messages.length > 0) break;
        messages.push(held);
      }
      return { messages, isCut: messages.length < found.length };
    }),
    bus.answer('quarantine.get', gateway, async ({ id }) => {
      const message = await quarantine.get(id);
      return message ? told(message, Number.POSITIVE_INFINITY) : null;
    }),
    bus.answer('quarantine.some', gateway, async ({ ids }) => {
      const found = await Promise.all(ids.map((id) => quarantine.get(id)));
      return found.flatMap((message) => (message ? [pick(message)] : []));
    }),
    bus.answer('quarantine.count', gateway, ({ filter }) => quarantine.count(filter)),
    bus.answer('quarantine.counts', gateway, async ({ agencies }) => ({
      counts: await quarantine.counts(agencies),
      status: quarantine.status(),
    })),
    bus.answer('quarantine.discard', gateway, async ({ id }) => {
      const isHere = (await quarantine.get(id)) !== undefined;
      if (isHere) await quarantine.mark(id, 'discarded');
      return isHere;
    }),
    // What is held elsewhere is passed over.
    bus.answer('quarantine.replay', gateway, ({ ids, backfill }) => replay(ids, { backfill })),
    bus.answer('tail.watch', gateway, ({ deviceId }) => tail.watch(deviceId)),
    bus.answer('codec.suspension', gateway, ({ source }) => codecs.suspension(source)),
    bus.answer('codec.lift', gateway, ({ source }) => {
      codecs.lift(source);
      return null;
    }),
    bus.answer('directory.settled', gateway, async () => {
      await directory.settled();
      return null;
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
