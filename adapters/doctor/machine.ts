import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Settings } from '../../config/settings.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const NEEDED_NODE = 24;
const GIGABYTE = 1e9;
/** From this share of the disk in use on there is not much time left. */
const FULL_SOON = 0.8;
const DAY_MS = 86_400_000;
const EXPIRES_SOON_DAYS = 30;
/** Before this the clock has not been set: no release is older. */
const EARLIEST_TIME = Date.UTC(2026, 0, 1);

export function nodeVersion(version: string): Finding {
  const major = Number(version.split('.')[0]);
  return major >= NEEDED_NODE
    ? ok('node', `Node ${version}`, `Node ${version}`)
    : problem(
        'node',
        `Node ${version} is too old: ${NEEDED_NODE} or newer is needed; \`npm run serve\` brings it by itself.`,
        `Node ${version} quá cũ: cần từ ${NEEDED_NODE} trở lên; \`npm run serve\` tự tải về.`,
      );
}

export function clockIsSet(now: Date, synchronised: boolean | null): Finding {
  const time = now.toISOString();
  if (now.getTime() < EARLIEST_TIME)
    return problem(
      'clock',
      `The clock says ${time}: it is not set. Readings would be dated wrongly; switch on time synchronisation (NTP).`,
      `Đồng hồ máy đang là ${time}: chưa được đặt. Số đo sẽ sai thời điểm; hãy bật đồng bộ thời gian (NTP).`,
    );
  return synchronised === false
    ? warning(
        'clock',
        `The clock says ${time} and is not synchronised: switch on NTP, e.g. \`timedatectl set-ntp true\`.`,
        `Đồng hồ máy đang là ${time} và chưa được đồng bộ: hãy bật NTP, ví dụ \`timedatectl set-ntp true\`.`,
      )
    : ok('clock', `The clock says ${time}`, `Đồng hồ máy: ${time}`);
}

/** What systemd knows of it; `null` where it can't be told. */
export function clockSynchronised(): boolean | null {
  if (existsSync('/run/systemd/timesync/synchronized')) return true;
  return existsSync('/run/systemd/timesync') ? false : null;
}

/** Whether the folder can be written to, and how much room its disk has. */
export async function disk(dataDirectory: string): Promise<readonly Finding[]> {
  const folder = resolve(dataDirectory);
  let nearest = folder;
  while (!existsSync(nearest)) nearest = join(nearest, '..');
  try {
    await access(nearest, constants.W_OK | constants.X_OK);
    await rm(await mkdtemp(join(nearest, '.doctor-')), { recursive: true });
  } catch (error) {
    const why = (error as Error).message;
    return [
      problem(
        'data_directory',
        `${folder} can't be written to (${why}): give it to the user the platform runs as, or set HD_DATA_DIRECTORY.`,
        `Không ghi được vào ${folder} (${why}): hãy cấp quyền cho người dùng chạy hệ thống, hoặc đặt HD_DATA_DIRECTORY.`,
      ),
    ];
  }
  const { blocks, bavail, bsize } = statfsSync(nearest);
  const free = ((bavail * bsize) / GIGABYTE).toFixed(1);
  const used = 1 - bavail / blocks;
  const percent = Math.round(used * 100);
  return [
    ok('data_directory', `${folder} can be written to`, `Ghi được vào ${folder}`),
    used < FULL_SOON
      ? ok('disk', `${free} GB free on its disk (${percent} % in use)`, `Ổ đĩa còn ${free} GB (đã dùng ${percent} %)`)
      : warning(
          'disk',
          `Only ${free} GB free on its disk (${percent} % in use): make room, set HD_STORE_RETENTION_DAYS, or move the data directory. Full, nothing more is acknowledged.`,
          `Ổ đĩa chỉ còn ${free} GB (đã dùng ${percent} %): hãy giải phóng chỗ, đặt HD_STORE_RETENTION_DAYS hoặc chuyển thư mục dữ liệu. Khi đầy, hệ thống ngừng xác nhận bản tin.`,
        ),
  ];
}

/** Files the process may have open, from its own limits; `null` where the system doesn't tell. */
export function openFilesLimit(limits = '/proc/self/limits'): number | null {
  if (!existsSync(limits)) return null;
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync(limits, 'utf8'))?.[1];
  return soft === undefined ? null : soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

/** Each connection is a file. */
export function openFiles(limit: number | null, { mqtt, live }: Settings): Finding {
  const needed = mqtt.maxConnections + live.maximumClients + 1_000;
  if (limit === null)
    return ok(
      'open_files',
      'This system does not tell how many files may be open',
      'Hệ thống không cho biết giới hạn tệp mở',
    );
  return limit >= needed
    ? ok('open_files', `${limit} files may be open`, `Được mở tối đa ${limit} tệp`)
    : warning(
        'open_files',
        `Only ${limit} files may be open; ${mqtt.maxConnections} devices and ${live.maximumClients} screens need ${needed}: raise it (\`ulimit -n\`, LimitNOFILE=), or lower HD_MQTT_MAX_CONNECTIONS.`,
        `Chỉ được mở ${limit} tệp; ${mqtt.maxConnections} thiết bị và ${live.maximumClients} màn hình cần ${needed}: hãy nâng giới hạn (\`ulimit -n\`, LimitNOFILE=) hoặc giảm HD_MQTT_MAX_CONNECTIONS.`,
      );
}

const listenOnce = (host: string, port: number): Promise<NodeJS.ErrnoException | null> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port, ipv6Only: false }, () => server.close(() => resolve(null)));
  });

/** Whether each port could be listened on; asked only when no platform runs. */
export async function ports({ http, mqtt }: Settings): Promise<readonly Finding[]> {
  const wanted = [
    { check: 'port_http', variable: 'HD_HTTP_PORT', host: http.host, port: http.port },
    { check: 'port_mqtt', variable: 'HD_MQTT_PORT', host: mqtt.host, port: mqtt.port },
    ...(mqtt.tlsCertificateFile
      ? [{ check: 'port_mqtt_tls', variable: 'HD_MQTT_TLS_PORT', host: mqtt.host, port: mqtt.tlsPort }]
      : []),
  ];
  return Promise.all(
    wanted.map(async ({ check, variable, host, port }) => {
      const error = await listenOnce(host, port);
      return error === null
        ? ok(check, `Port ${port} is free`, `Cổng ${port} còn trống`)
        : problem(
            check,
            `Port ${port} on ${host} can't be listened on (${error.code}): stop what uses it, or set ${variable}.`,
            `Không mở được cổng ${port} trên ${host} (${error.code}): hãy dừng chương trình đang dùng hoặc đặt ${variable}.`,
          );
    }),
  );
}

/** The broker's certificate: there, belonging to its key, and valid for a while yet. */
export function certificate({ mqtt }: Settings, now: Date): readonly Finding[] {
  const { tlsCertificateFile, tlsKeyFile } = mqtt;
  if (!tlsCertificateFile && !tlsKeyFile)
    return [
      warning(
        'certificate',
        'MQTT is without TLS: passwords of devices cross the network readable. Set HD_MQTT_TLS_CERTIFICATE_FILE and HD_MQTT_TLS_KEY_FILE.',
        'MQTT chưa có TLS: mật khẩu thiết bị truyền đi không mã hóa. Hãy đặt HD_MQTT_TLS_CERTIFICATE_FILE và HD_MQTT_TLS_KEY_FILE.',
      ),
    ];
  try {
    const cert = readFileSync(tlsCertificateFile ?? '');
    createSecureContext({ cert, key: readFileSync(tlsKeyFile ?? '') });
    const { validTo, validFromDate, validToDate, subject } = new X509Certificate(cert);
    const days = Math.floor((validToDate.getTime() - now.getTime()) / DAY_MS);
    if (validFromDate > now || days < 0)
      return [
        problem(
          'certificate',
          `The certificate of ${subject} is not valid now (until ${validTo}): renew it.`,
          `Chứng thư của ${subject} không còn hiệu lực (đến ${validTo}): hãy gia hạn.`,
        ),
      ];
    return [
      days < EXPIRES_SOON_DAYS
        ? warning(
            'certificate',
            `The certificate of ${subject} ends in ${days} days: renew it.`,
            `Chứng thư của ${subject} hết hạn sau ${days} ngày: hãy gia hạn.`,
          )
        : ok(
            'certificate',
            `Certificate of ${subject}, ${days} days left`,
            `Chứng thư của ${subject}, còn ${days} ngày`,
          ),
    ];
  } catch (error) {
    const why = (error as Error).message;
    return [
      problem(
        'certificate',
        `Certificate ${tlsCertificateFile ?? '(none)'} with key ${tlsKeyFile ?? '(none)'} can't be used: ${why}`,
        `Không dùng được chứng thư ${tlsCertificateFile ?? '(chưa có)'} với khóa ${tlsKeyFile ?? '(chưa có)'}: ${why}`,
      ),
    ];
  }
}
