import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { demoToken } from '../config/city/demo-tokens.ts';
import { haiPhong, haiPhongFacts } from '../config/city/hai-phong.ts';
import type { Language, Localized } from '../domain/localized.ts';
import type { EpochMs } from '../domain/time.ts';
import { parseDurationMs, parseInstant, parseLanguage, parseNumber, readTokens, UsageError } from './command-line.ts';
import { createFleet, type FleetCredentials, type FleetStats } from './fleet.ts';
import { createCityDevices } from './hardware/devices.ts';
import { createScenario, isScenarioName, SCENARIO_NAMES } from './scenarios/scenarios.ts';

const USAGE: Localized = {
  vi: `Chạy đường phố mô phỏng của Hải Phòng tới một máy chủ MQTT bất kỳ.

  npm run sim -- --broker mqtt://127.0.0.1:1883 [tùy chọn]

  --broker URL          mqtt://, mqtts://, ws://, wss://  (mặc định mqtt://127.0.0.1:1883)
  --devices N           số thiết bị; nhiều hơn số của thành phố thì thêm bản sao {id}-x2 …  (mặc định: cả thành phố)
  --seed N              hạt giống; cùng hạt giống cho cùng tín hiệu  (mặc định 1)
  --credentials TỆP     mã truy cập theo thiết bị: JSON {"id":"mã"} hoặc dòng id,mã
  --demo-seed CHỮ       suy mã truy cập của chế độ trình diễn (hoặc biến HD_SIM_DEMO_SEED)
  --scenario TÊN        ${SCENARIO_NAMES.join(', ')}; lặp lại được
  --at LÚC              kịch bản bắt đầu: now, +10m, -2h, hoặc ISO 8601  (mặc định now)
  --truth TỆP           ghi sự thật của kịch bản (cái gì, ở đâu, từ khi nào đến khi nào)
  --from LÚC            thời gian mô phỏng bắt đầu; trước hiện tại thì chạy nhanh cho kịp
  --speed N             tốc độ tới khi kịp hiện tại  (mặc định 1; nếu > 1 mà không có --from thì từ -6h)
  --duration THỜI GIAN  dừng sau 90s, 10m, 2h …  (mặc định: tới khi Ctrl+C)
  --connects N          số kết nối mới mỗi giây  (mặc định 100)
  --tame                thiết bị không lỗi, đúng giờ: để đo tải và đếm
  --lang vi|en          ngôn ngữ
  --help                bản hướng dẫn này`,
  en: `Drives the simulated street of Hải Phòng against any MQTT broker.

  npm run sim -- --broker mqtt://127.0.0.1:1883 [options]

  --broker URL          mqtt://, mqtts://, ws://, wss://  (default mqtt://127.0.0.1:1883)
  --devices N           how many; beyond the city's own come copies {id}-x2 …  (default: the city once)
  --seed N              the same seed gives the same signals  (default 1)
  --credentials FILE    tokens by device: JSON {"id":"token"} or lines id,token
  --demo-seed TEXT      derive the demo mode's tokens (or variable HD_SIM_DEMO_SEED)
  --scenario NAME       ${SCENARIO_NAMES.join(', ')}; may be repeated
  --at WHEN             the scenario begins: now, +10m, -2h, or ISO 8601  (default now)
  --truth FILE          write what really happens: what, where, from when to when
  --from WHEN           simulated time begins; before now it runs fast until it has caught up
  --speed N             how fast until it has caught up  (default 1; above 1 without --from: from -6h)
  --duration TIME       stop after 90s, 10m, 2h …  (default: until Ctrl+C)
  --connects N          new connections a second  (default 100)
  --tame                devices without faults, exactly on time: for load and for counting
  --lang vi|en          language
  --help                this text`,
};

const TEXT = {
  starting: {
    vi: (n: number, url: string) => `${n} thiết bị kết nối tới ${url} …`,
    en: (n: number, url: string) => `${n} devices connecting to ${url} …`,
  },
  started: {
    vi: (s: FleetStats) => `${s.connected}/${s.devices} thiết bị đã kết nối.`,
    en: (s: FleetStats) => `${s.connected} of ${s.devices} devices are connected.`,
  },
  line: {
    vi: (s: FleetStats) =>
      `${iso(s.simulatedTime)}  kết nối ${s.connected}/${s.devices}  gửi ${s.published} (xác nhận ${s.acknowledged})  số đo ${s.readings}  chờ ${s.waiting}  bỏ ${s.dropped}${reasons(s)}`,
    en: (s: FleetStats) =>
      `${iso(s.simulatedTime)}  connected ${s.connected}/${s.devices}  sent ${s.published} (acked ${s.acknowledged})  readings ${s.readings}  waiting ${s.waiting}  dropped ${s.dropped}${reasons(s)}`,
  },
  event: {
    vi: (what: Localized, from: EpochMs, to: EpochMs) => `Kịch bản: ${what.vi}, ${iso(from)} – ${iso(to)}`,
    en: (what: Localized, from: EpochMs, to: EpochMs) => `Scenario: ${what.en}, ${iso(from)} – ${iso(to)}`,
  },
  nobody: {
    vi: 'Không thiết bị nào kết nối được. Kiểm tra địa chỉ --broker và mã truy cập (--credentials hoặc --demo-seed).',
    en: 'No device could connect. Check --broker and the tokens (--credentials or --demo-seed).',
  },
  stopping: { vi: 'Đang dừng …', en: 'Stopping …' },
} as const;

const iso = (t: number): string => new Date(t).toISOString();
const reasons = (s: FleetStats): string => {
  const list = Object.entries(s.failures).map(([reason, n]) => `${n} × ${reason}`);
  return list.length === 0 ? '' : `  [${list.join('; ')}]`;
};

const STATUS_EVERY_MS = 10_000;
const CATCH_UP_FROM_MS = 6 * 3_600_000;

export interface SimOptions {
  readonly language: Language;
  readonly brokerUrl: string;
  readonly deviceCount: number | undefined;
  readonly seed: number;
  readonly credentialsOf: (device: string) => FleetCredentials | undefined;
  readonly scenarios: readonly (typeof SCENARIO_NAMES)[number][];
  readonly at: EpochMs;
  readonly truthFile: string | undefined;
  readonly from: EpochMs;
  readonly speed: number;
  readonly durationMs: number | undefined;
  readonly connectsPerSecond: number;
  readonly temper: 'real' | 'tame';
}

/**
 * Reads the command line. `null`: help was asked for.
 * @throws {UsageError} for anything that can't be used.
 */
export function readSimOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  now: EpochMs,
): SimOptions | { readonly help: Language } {
  const { values } = parseSimArgs(args);
  const language = parseLanguage(values.lang, environment['LANG']);
  if (values.help === true) return { help: language };
  const scenarios = (values.scenario ?? []).map((name) => {
    if (!isScenarioName(name)) throw new UsageError(`--scenario: "${name}" (${SCENARIO_NAMES.join(', ')})`);
    return name;
  });
  const speed = parseNumber(values.speed ?? '1', '--speed', 1, 100_000);
  const defaultFrom = (speed > 1 ? now - CATCH_UP_FROM_MS : now) as EpochMs;
  const from = values.from === undefined ? defaultFrom : parseInstant(values.from, now, '--from');
  if (from > now) throw new UsageError('--from: later than now');
  return {
    language,
    brokerUrl: values.broker ?? 'mqtt://127.0.0.1:1883',
    deviceCount: values.devices === undefined ? undefined : parseNumber(values.devices, '--devices', 1, 200_000),
    seed: parseNumber(values.seed ?? '1', '--seed', 0, 2 ** 31),
    credentialsOf: credentialsFrom(values.credentials, values['demo-seed'] ?? environment['HD_SIM_DEMO_SEED']),
    scenarios,
    at: parseInstant(values.at ?? 'now', now, '--at'),
    truthFile: values.truth,
    from,
    speed,
    durationMs: values.duration === undefined ? undefined : parseDurationMs(values.duration, '--duration'),
    connectsPerSecond: parseNumber(values.connects ?? '100', '--connects', 1, 10_000),
    temper: values.tame === true ? 'tame' : 'real',
  };
}

function parseSimArgs(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        broker: { type: 'string' },
        devices: { type: 'string' },
        seed: { type: 'string' },
        credentials: { type: 'string' },
        'demo-seed': { type: 'string' },
        scenario: { type: 'string', multiple: true },
        at: { type: 'string' },
        truth: { type: 'string' },
        from: { type: 'string' },
        speed: { type: 'string' },
        duration: { type: 'string' },
        connects: { type: 'string' },
        tame: { type: 'boolean' },
        lang: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function credentialsFrom(file: string | undefined, demoSeed: string | undefined): SimOptions['credentialsOf'] {
  if (file !== undefined) {
    const tokens = readTokens(file);
    return (device) => {
      const token = tokens.get(device);
      return token === undefined ? undefined : { username: device, password: token };
    };
  }
  if (demoSeed !== undefined && demoSeed !== '')
    return (device) => ({ username: device, password: demoToken(demoSeed, device) });
  return () => undefined;
}

/** Runs the street until the duration is over or `stop` is called; resolves with the last counts. */
export async function runSim(
  options: SimOptions,
  print: (line: string) => void,
  stop: AbortSignal,
): Promise<FleetStats> {
  const { language, seed, from } = options;
  const city = { city: haiPhong, facts: haiPhongFacts, seed };
  const scenarios = options.scenarios.map((name) => createScenario(name, { ...city, at: options.at }));
  for (const { truth } of scenarios)
    for (const event of truth.events) print(TEXT.event[language](event.what, event.from, event.to));
  if (options.truthFile !== undefined)
    writeFileSync(
      options.truthFile,
      `${JSON.stringify(
        scenarios.map(({ truth }) => truth),
        null,
        2,
      )}\n`,
    );
  const { devices } = createCityDevices({
    ...city,
    from,
    effects: scenarios.flatMap(({ effects }) => effects),
    temper: options.temper,
    ...(options.deviceCount === undefined ? {} : { count: options.deviceCount }),
  });
  const fleet = createFleet({
    brokerUrl: options.brokerUrl,
    devices,
    credentialsOf: options.credentialsOf,
    clock: () => Date.now() as EpochMs,
    from,
    speed: options.speed,
    connectsPerSecond: options.connectsPerSecond,
    seed,
  });
  print(TEXT.starting[language](devices.length, options.brokerUrl));
  const status = setInterval(() => print(TEXT.line[language](fleet.stats())), STATUS_EVERY_MS);
  const over = new Promise<void>((resolve) => {
    stop.addEventListener('abort', () => resolve(), { once: true });
    if (stop.aborted) resolve();
    if (options.durationMs !== undefined) setTimeout(resolve, options.durationMs).unref();
  });
  await Promise.race([fleet.start(), over]);
  const first = fleet.stats();
  print(TEXT.started[language](first));
  if (first.connected === 0 && Object.keys(first.failures).length > 0)
    print(`${TEXT.nobody[language]}${reasons(first)}`);
  await over;
  clearInterval(status);
  print(TEXT.stopping[language]);
  await fleet.stop();
  const last = fleet.stats();
  print(TEXT.line[language](last));
  return last;
}

if (import.meta.main) {
  try {
    const options = readSimOptions(process.argv.slice(2), process.env, Date.now() as EpochMs);
    if ('help' in options) console.log(USAGE[options.help]);
    else {
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
      const last = await runSim(options, console.log, stop.signal);
      if (last.acknowledged === 0 && Object.keys(last.failures).length > 0) process.exitCode = 1;
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${USAGE[parseLanguage(undefined, process.env['LANG'])]}`);
    process.exitCode = 2;
  }
}
