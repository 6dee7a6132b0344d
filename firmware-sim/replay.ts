import { parseArgs } from 'node:util';
import { Presets, SingleBar } from 'cli-progress';
import { connectAsync, type MqttClient } from 'mqtt';
import type { Language, Localized } from '../domain/localized.ts';
import type { EpochMs } from '../domain/time.ts';
import { parseDurationMs, parseLanguage, parseNumber, UsageError } from './command-line.ts';
import { type RecordedRow, RecordingError, readRecording } from './recordings/recording.ts';
import { RECORDING_KINDS } from './recordings/recording-kinds.ts';

const KINDS = RECORDING_KINDS.map((kind) => kind.name).join(', ');
const USAGE: Localized = {
  vi: `Phát lại tệp CSV số liệu thật qua MQTT, như thể một thiết bị đang gửi.

  npm run replay -- --file TỆP --device MÃ [tùy chọn]

  --file TỆP            CSV thuộc loại đã biết: ${KINDS}
  --device MÃ           mã thiết bị đã đăng ký
  --token MÃ            mã truy cập của thiết bị (hoặc biến HD_REPLAY_TOKEN)
  --broker URL          mặc định mqtt://127.0.0.1:1883
  --speed 60x|max       nhanh gấp mấy lần lúc đo  (mặc định max)
  --shift KIỂU          last-now: dòng cuối là bây giờ (mặc định); from-now: phát tiếp từ bây giờ; none: giữ nguyên giờ
  --only A,B            chỉ những đại lượng này
  --kind LOẠI           khi không đoán được từ cột và tên tệp
  --max-age THỜI GIAN   bỏ qua và đếm dòng cũ hơn  (mặc định 30d, giới hạn của nền tảng)
  --backfill            gửi cả dòng cũ hơn
  --limit N             chỉ N dòng cuối
  --rate N              nhiều nhất N bản tin mỗi giây  (mặc định 8, dưới giới hạn 10 của một thiết bị)
  --lang vi|en          ngôn ngữ`,
  en: `Plays a CSV of real recordings through MQTT, as if a device were sending it.

  npm run replay -- --file FILE --device ID [options]

  --file FILE           CSV of a known kind: ${KINDS}
  --device ID           a registered device
  --token TOKEN         its token (or variable HD_REPLAY_TOKEN)
  --broker URL          default mqtt://127.0.0.1:1883
  --speed 60x|max       times as fast as it was recorded  (default max)
  --shift HOW           last-now: the last row is now (default); from-now: go on live from now; none: keep its times
  --only A,B            these quantities only
  --kind KIND           when columns and file name don't tell
  --max-age TIME        skip, and count, older rows  (default 30d, the platform's limit)
  --backfill            send older rows too
  --limit N             the last N rows only
  --rate N              messages a second at most  (default 8, below the platform's 10 for one device)
  --lang vi|en          language`,
};

const MISSING = {
  vi: (option: string) => `Thiếu ${option}.`,
  en: (option: string) => `${option} is missing.`,
} as const;

const REFUSED = {
  vi: (url: string, device: string, why: string) =>
    `Không kết nối được tới ${url} với tên ${device}: ${why}. Kiểm tra --broker, --device và --token.`,
  en: (url: string, device: string, why: string) =>
    `Could not connect to ${url} as ${device}: ${why}. Check --broker, --device and --token.`,
} as const;

export const SHIFTS = ['last-now', 'from-now', 'none'] as const;
export type Shift = (typeof SHIFTS)[number];

export interface ReplayOptions {
  readonly file: string;
  readonly device: string;
  readonly token: string | undefined;
  readonly brokerUrl: string;
  /** `null`: as fast as the broker acknowledges. */
  readonly speed: number | null;
  readonly shift: Shift;
  readonly only: readonly string[] | undefined;
  readonly kind: string | undefined;
  /** `null`: rows of any age are sent. */
  readonly maxAgeMs: number | null;
  readonly limit: number | undefined;
  /** Messages a second at most, so that the platform's limit for one device is kept. */
  readonly messagesPerSecond: number;
  readonly language: Language;
}

export interface ReplayResult {
  readonly rows: number;
  /** Rows the broker acknowledged. */
  readonly acknowledged: number;
  readonly skippedOld: number;
  readonly unreadable: number;
  readonly empty: number;
}

export interface Progress {
  begin(total: number): void;
  at(done: number): void;
  end(): void;
}

/** Rows that are due together travel in one message of at most this many: some 30 kB, well inside the platform's message size. */
const ROWS_PER_MESSAGE = 150;
/** Messages on their way to the broker at once. */
const IN_FLIGHT = 8;

/** A row with the time it will carry, and when, ms after the start, it is to be sent. */
interface PlannedRow {
  readonly ts: EpochMs;
  readonly sendAfterMs: number;
  readonly row: RecordedRow;
}

/**
 * Times of the rows. `last-now` moves all by one distance, so that the last is `now`; `from-now` makes the first `now` and lets the others follow as they
 * are sent, so that each carries the time of its sending; `none` keeps them.
 */
export function planRows(
  rows: readonly RecordedRow[],
  shift: Shift,
  speed: number | null,
  now: EpochMs,
): readonly PlannedRow[] {
  const first = rows[0]?.at ?? now;
  const last = rows.at(-1)?.at ?? now;
  const pace = speed ?? (shift === 'from-now' ? 1 : Number.POSITIVE_INFINITY);
  return rows.map((row) => {
    const sendAfterMs = (row.at - first) / pace;
    const ts =
      shift === 'last-now' ? row.at + (now - last) : shift === 'from-now' ? Math.round(now + sendAfterMs) : row.at;
    return { ts: ts as EpochMs, sendAfterMs, row };
  });
}

/**
 * Plays the file to its end.
 * @throws {RecordingError} when the file can't be used; what `mqtt` throws when the broker refuses.
 */
export async function replay(options: ReplayOptions, now: () => EpochMs, progress: Progress): Promise<ReplayResult> {
  const recording = await readRecording(options.file, {
    ...(options.kind === undefined ? {} : { kind: options.kind }),
    ...(options.only === undefined ? {} : { only: options.only }),
  });
  const chosen = options.limit === undefined ? recording.rows : recording.rows.slice(-options.limit);
  const started = now();
  const oldest = options.maxAgeMs === null ? Number.NEGATIVE_INFINITY : started - options.maxAgeMs;
  // Age is judged by the times the rows will carry; what is left starts at once.
  const carried = planRows(chosen, options.shift, options.speed, started);
  const young = carried.filter((planned) => planned.ts >= oldest);
  const lead = young[0]?.sendAfterMs ?? 0;
  const client = await connectAsync(
    options.brokerUrl,
    {
      clientId: options.device,
      ...(options.token === undefined ? {} : { username: options.device, password: options.token }),
      protocolVersion: 4,
      clean: true,
      reconnectPeriod: 1_000,
      connectTimeout: 10_000,
    },
    false,
  ).catch((cause: Error) => {
    throw new Error(REFUSED[options.language](options.brokerUrl, options.device, cause.message), { cause });
  });
  progress.begin(young.length);
  try {
    await send(client, young, lead, options, started, now, progress);
  } finally {
    progress.end();
    await client.endAsync();
  }
  return {
    rows: young.length,
    acknowledged: young.length,
    skippedOld: carried.length - young.length,
    unreadable: recording.unreadableLines + recording.unreadableValues,
    empty: recording.emptyLines,
  };
}

async function send(
  client: MqttClient,
  rows: readonly PlannedRow[],
  lead: number,
  options: ReplayOptions,
  started: EpochMs,
  now: () => EpochMs,
  progress: Progress,
): Promise<void> {
  const topic = `hd/v1/${options.device}/telemetry`;
  const inFlight = new Set<Promise<void>>();
  let done = 0;
  let nextSlotMs = 0;
  for (let i = 0; i < rows.length; ) {
    const elapsed = now() - started;
    const wait = Math.max((rows[i] as PlannedRow).sendAfterMs - lead - elapsed, nextSlotMs - elapsed);
    if (wait > 1) await sleep(wait);
    nextSlotMs = Math.max(nextSlotMs, now() - started) + 1000 / options.messagesPerSecond;
    // All that is due goes together, up to a message's size.
    const due = now() - started + lead;
    const batch = [rows[i] as PlannedRow];
    while (batch.length < ROWS_PER_MESSAGE && (rows[i + batch.length]?.sendAfterMs ?? Number.POSITIVE_INFINITY) <= due)
      batch.push(rows[i + batch.length] as PlannedRow);
    i += batch.length;
    const items = batch.map(({ ts, row }) => ({ ts, values: row.values }));
    const sent = client
      .publishAsync(topic, JSON.stringify(items.length === 1 ? items[0] : items), { qos: 1 })
      .then(() => {
        inFlight.delete(sent);
        done += batch.length;
        progress.at(done);
      });
    inFlight.add(sent);
    if (inFlight.size >= IN_FLIGHT) await Promise.race(inFlight);
  }
  await Promise.all(inFlight);
}

const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** @throws {UsageError} for anything that can't be used. */
export function readReplayOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): ReplayOptions | { readonly help: Language } {
  const values = parseReplayArgs(args);
  const language = parseLanguage(values.lang, environment['LANG']);
  if (values.help === true) return { help: language };
  if (values.file === undefined) throw new UsageError(MISSING[language]('--file'));
  if (values.device === undefined) throw new UsageError(MISSING[language]('--device'));
  const shift = SHIFTS.find((known) => known === (values.shift ?? 'last-now'));
  if (shift === undefined) throw new UsageError(`--shift: "${values.shift}" (${SHIFTS.join(', ')})`);
  const speed = values.speed ?? (shift === 'from-now' ? '1x' : 'max');
  return {
    file: values.file,
    device: values.device,
    token: values.token ?? environment['HD_REPLAY_TOKEN'],
    brokerUrl: values.broker ?? 'mqtt://127.0.0.1:1883',
    speed: speed === 'max' ? null : parseNumber(speed.replace(/x$/, ''), '--speed', 0.001, 1e6),
    shift,
    only: values.only?.split(','),
    kind: values.kind,
    maxAgeMs: values.backfill === true ? null : parseDurationMs(values['max-age'] ?? '30d', '--max-age'),
    messagesPerSecond: parseNumber(values.rate ?? '8', '--rate', 0.01, 1e5),
    limit: values.limit === undefined ? undefined : parseNumber(values.limit, '--limit', 1, 1e9),
    language,
  };
}

function parseReplayArgs(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        file: { type: 'string' },
        device: { type: 'string' },
        token: { type: 'string' },
        broker: { type: 'string' },
        speed: { type: 'string' },
        shift: { type: 'string' },
        only: { type: 'string' },
        kind: { type: 'string' },
        'max-age': { type: 'string' },
        backfill: { type: 'boolean' },
        limit: { type: 'string' },
        rate: { type: 'string' },
        lang: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** A bar on a terminal; a line every few seconds elsewhere. */
function progressBar(language: Language): Progress {
  const rows = language === 'vi' ? 'dòng' : 'rows';
  const bar = new SingleBar(
    {
      format: `{bar} {percentage}% | {value}/{total} ${rows} | {duration_formatted} | ETA {eta_formatted}`,
      noTTYOutput: !process.stderr.isTTY,
      notTTYSchedule: 5_000,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  return { begin: (total) => bar.start(total, 0), at: (done) => bar.update(done), end: () => bar.stop() };
}

const SUMMARY = {
  vi: (r: ReplayResult) =>
    `Đã gửi ${r.acknowledged} dòng; bỏ qua ${r.skippedOld} dòng quá cũ, ${r.empty} dòng trống, ${r.unreadable} chỗ không đọc được.`,
  en: (r: ReplayResult) =>
    `Sent ${r.acknowledged} rows; skipped ${r.skippedOld} too old and ${r.empty} empty, ${r.unreadable} unreadable.`,
} as const;

if (import.meta.main) {
  try {
    const options = readReplayOptions(process.argv.slice(2), process.env);
    if ('help' in options) console.log(USAGE[options.help]);
    else {
      const result = await replay(options, () => Date.now() as EpochMs, progressBar(options.language));
      console.log(SUMMARY[options.language](result));
    }
  } catch (error) {
    const usage = error instanceof UsageError;
    console.error(error instanceof Error ? error.message : String(error));
    if (usage) console.error(`\n${USAGE[parseLanguage(undefined, process.env['LANG'])]}`);
    else if (!(error instanceof RecordingError || error instanceof Error)) throw error;
    process.exitCode = usage ? 2 : 1;
  }
}
