/**
 * How fast JavaScript codecs decode in their sandbox, and what one evil codec costs a hundred good ones:
 * `npm run bench:codec [-- --json] [-- --decodes 1000000]`.
 *
 * `decodes_per_s` is per second of computing of the whole process, so of one core: the sandbox's thread, and what its owner spends on sending
 * payloads and reading results. For `evil_cost_percent` two sandboxes run at the same time, so that both have the same machine: in each a hundred
 * good codecs have calls waiting at all times, in one of them an evil codec sends as much as each of the others. It is how many fewer good decodes
 * that one makes of a second of its computing, while the other makes `decodes` (fifteen seconds' work of an idle core), for the worst of several
 * kinds of evil.
 */
import { cpus, totalmem } from 'node:os';
import { type CodecSandbox, createCodecSandbox } from '../ingest/decode/codec/codec-sandbox.ts';

const decodesAt = process.argv.indexOf('--decodes');
const DECODES = decodesAt < 0 ? 1_000_000 : Number(process.argv[decodesAt + 1]);
if (!(DECODES > 0)) throw new RangeError('--decodes takes a number above 0');

const GOOD_CODECS = 100;
/** Calls each codec has waiting. */
const WAITING_EACH = 4;
const LIMITS = { callMilliseconds: 50, memoryBytes: 16 * 1024 * 1024 };

/** Twenty lines, as makers publish them: a payload of type and value pairs. */
const CODEC = `function decodeUplink(input) {
  var bytes = input.bytes;
  var data = {};
  for (var i = 0; i + 1 < bytes.length; ) {
    var channel = bytes[i++], type = bytes[i++];
    if (channel === 0x01 && type === 0x75) {
      data.battery = bytes[i++];
    } else if (channel === 0x03 && type === 0x67) {
      data.temperature = ((bytes[i] << 24 >> 16) | bytes[i + 1]) / 10;
      i += 2;
    } else if (channel === 0x04 && type === 0x68) {
      data.humidity = bytes[i++] / 2;
    } else if (channel === 0x05 && type === 0x7d) {
      data.co2 = (bytes[i] << 8) | bytes[i + 1];
      i += 2;
    } else return { errors: ['unknown channel ' + channel + ' of type ' + type] };
  }
  if (data.battery < 10) return { data: data, warnings: ['low battery'] };
  return { data: data };
}`;
const PAYLOAD = Uint8Array.from([0x01, 0x75, 0x5f, 0x03, 0x67, 0x01, 0x10, 0x04, 0x68, 0x50, 0x05, 0x7d, 0x03, 0xe8]);
const EXPECTED = JSON.stringify({ battery: 95, temperature: 27.2, humidity: 40, co2: 1000 });

const EVIL: Readonly<Record<string, string>> = {
  loops: 'function decodeUplink() { for (;;); }',
  throws: 'function decodeUplink() { throw new Error("no"); }',
  eats_memory: 'function decodeUplink() { var all = []; for (;;) all.push("x".repeat(1e5) + all.length); }',
  cannot_be_interrupted: 'function decodeUplink() { [].indexOf.call({ length: Math.pow(2, 53) - 1 }, 1); }',
  stays_below_the_limit:
    'function decodeUplink() { var end = Date.now() + 40; while (Date.now() < end); return { data: {} }; }',
};
const good = (n: number): string => `// codec ${n}\n${CODEC}`;

/** Keeps calls of a codec waiting until `isOver`, and tells of each that is answered. */
async function keepCalling(
  sandbox: CodecSandbox,
  source: string,
  isOver: () => boolean,
  onAnswer: (isRight: boolean) => void,
): Promise<void> {
  await Promise.all(
    Array.from({ length: WAITING_EACH }, async () => {
      while (!isOver()) {
        const outcome = await sandbox.run({ source, bytes: PAYLOAD, fPort: 85, receivedTime: 0 });
        onAnswer(outcome.kind === 'decoded' && JSON.stringify(outcome.data) === EXPECTED);
      }
    }),
  );
}

/** A sandbox in which every good codec is loaded and the engine warm. */
async function warmSandbox(): Promise<CodecSandbox> {
  const sandbox = createCodecSandbox(LIMITS);
  for (let n = 0; n < GOOD_CODECS; n++)
    for (let i = 0; i < 50; i++) await sandbox.run({ source: good(n), bytes: PAYLOAD, fPort: 85, receivedTime: 0 });
  return sandbox;
}

interface Run {
  readonly decodes: number;
  /** Good decodes in a second of the sandbox's own computing. */
  readonly perComputedSecond: number;
}

/** Sandboxes running side by side until the first has made all its good decodes; `evil` stands beside the good codecs of the second. */
async function race(sandboxes: readonly CodecSandbox[], evil: string | null): Promise<readonly Run[]> {
  const decoded = sandboxes.map(() => 0);
  const computedBefore = sandboxes.map(({ computedMs }) => computedMs);
  const isOver = (): boolean => decoded[0]! >= DECODES;
  await Promise.all(
    sandboxes.flatMap((sandbox, at) => [
      ...Array.from({ length: GOOD_CODECS }, (_, n) =>
        keepCalling(sandbox, good(n), isOver, (isRight) => {
          if (!isRight) throw new Error('a call of a good codec was answered wrongly');
          decoded[at]!++;
        }),
      ),
      ...(evil !== null && at === 1 ? [keepCalling(sandbox, evil, isOver, () => {})] : []),
    ]),
  );
  return sandboxes.map(({ computedMs }, at) => ({
    decodes: decoded[at]!,
    perComputedSecond: decoded[at]! / ((computedMs - computedBefore[at]!) / 1000),
  }));
}

const round = (value: number, digits = 0): number => Number(value.toFixed(digits));

const alone = await warmSandbox();
const before = process.cpuUsage();
const decodes = (await race([alone], null))[0]!.decodes;
const { user, system } = process.cpuUsage(before);
await alone.stop();

const costs: Record<string, number> = {};
for (const [kind, source] of Object.entries(EVIL)) {
  const sandboxes = [await warmSandbox(), await warmSandbox()];
  const [calm, beside] = (await race(sandboxes, source)) as [Run, Run];
  costs[kind] = round(100 * (1 - beside.perComputedSecond / calm.perComputedSecond), 1);
  await Promise.all(sandboxes.map((sandbox) => sandbox.stop()));
}

const result = {
  bench: 'codec',
  machine: `${cpus()[0]?.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
  decodes: DECODES,
  decodes_per_s: round(decodes / ((user + system) / 1e6)),
  evil_cost_percent: Math.max(...Object.values(costs)),
  ...Object.fromEntries(Object.entries(costs).map(([kind, cost]) => [`evil_that_${kind}_percent`, cost])),
};
if (!process.argv.includes('--json')) console.table(result);
console.log(JSON.stringify(result));
