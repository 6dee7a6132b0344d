import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { registryRows } from '../backup/verify.ts';
import { findLmdbDamage } from '../journal/lmdb-file.ts';
import { lookAtPostgres } from '../registry/postgres-database.ts';
import { MIGRATIONS } from '../registry/sql/migrations.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** The registry, read through beside whoever uses it. */
export function registry(dataDirectory: string): Finding {
  const path = join(dataDirectory, 'registry.sqlite');
  if (!existsSync(path)) {
    const orphans = ['journal', 'store'].filter((name) => existsSync(join(dataDirectory, name)));
    return orphans.length === 0
      ? ok('registry', 'Nothing is kept yet: the first start makes it', 'Chưa có dữ liệu: lần khởi động đầu sẽ tạo')
      : problem(
          'registry',
          `${path} is missing beside readings: restore the last backup (\`npm run restore\`), or move the data directory away to begin empty.`,
          `Thiếu ${path} trong khi vẫn có số đo: hãy khôi phục bản sao lưu gần nhất (\`npm run restore\`), hoặc chuyển thư mục dữ liệu đi để bắt đầu mới.`,
        );
  }
  try {
    const { devices = 0, points = 0, users = 0 } = registryRows(path);
    return ok(
      'registry',
      `The registry is whole: ${points} points, ${devices} devices, ${users} users`,
      `Sổ đăng ký nguyên vẹn: ${points} điểm đo, ${devices} thiết bị, ${users} người dùng`,
    );
  } catch (error) {
    const why = (error as Error).message;
    return problem(
      'registry',
      `The registry can't be read (${why}): restore the last backup, \`npm run restore\`.`,
      `Không đọc được sổ đăng ký (${why}): hãy khôi phục bản sao lưu gần nhất, \`npm run restore\`.`,
    );
  }
}

const OLDEST_POSTGRES = 15;
/** Codes of PostgreSQL. */
const REFUSED = ['28P01', '28000'];
const NO_SUCH_DATABASE = '3D000';

/** Whether the registry's PostgreSQL answers, and is one that this release can work with. */
export async function postgresRegistry(
  settings: Extract<Settings['registry'], { engine: 'postgres' }>,
): Promise<Finding> {
  try {
    const { version, steps, place } = await lookAtPostgres(settings);
    if (version < OLDEST_POSTGRES)
      return problem(
        'registry',
        `PostgreSQL ${version} at ${place} is too old: the registry needs ${OLDEST_POSTGRES} or newer.`,
        `PostgreSQL ${version} tại ${place} quá cũ: sổ đăng ký cần phiên bản ${OLDEST_POSTGRES} trở lên.`,
      );
    if (steps !== null && steps > MIGRATIONS.length)
      return problem(
        'registry',
        `The registry at ${place} is of a newer release (step ${steps}, this one knows ${MIGRATIONS.length}): start that release, or restore a dump.`,
        `Sổ đăng ký tại ${place} thuộc phiên bản mới hơn (bước ${steps}, bản này biết ${MIGRATIONS.length}): hãy chạy phiên bản đó hoặc khôi phục bản sao lưu.`,
      );
    return steps === null
      ? ok(
          'registry',
          `PostgreSQL ${version} answers at ${place}; nothing is kept yet: the first start makes it`,
          `PostgreSQL ${version} trả lời tại ${place}; chưa có dữ liệu: lần khởi động đầu sẽ tạo`,
        )
      : ok(
          'registry',
          `The registry's PostgreSQL ${version} answers at ${place}`,
          `PostgreSQL ${version} của sổ đăng ký trả lời tại ${place}`,
        );
  } catch (error) {
    const code = String((error as { code?: unknown }).code);
    const why = (error as Error).message || code;
    if (REFUSED.includes(code))
      return problem(
        'registry',
        `The registry's PostgreSQL refuses who signs in (${why}): see the user in HD_REGISTRY_URL, and HD_REGISTRY_PASSWORD_FILE.`,
        `PostgreSQL của sổ đăng ký từ chối đăng nhập (${why}): hãy xem lại người dùng trong HD_REGISTRY_URL và HD_REGISTRY_PASSWORD_FILE.`,
      );
    if (code === NO_SUCH_DATABASE)
      return problem(
        'registry',
        `The registry's PostgreSQL has no such database (${why}): make it with \`createdb\`, or see HD_REGISTRY_URL.`,
        `PostgreSQL của sổ đăng ký không có cơ sở dữ liệu này (${why}): hãy tạo bằng \`createdb\` hoặc xem lại HD_REGISTRY_URL.`,
      );
    return problem(
      'registry',
      `The registry's PostgreSQL can't be used (${why}): start it, or see HD_REGISTRY_URL and HD_REGISTRY_PASSWORD_FILE.`,
      `Không dùng được PostgreSQL của sổ đăng ký (${why}): hãy khởi động nó, hoặc xem lại HD_REGISTRY_URL và HD_REGISTRY_PASSWORD_FILE.`,
    );
  }
}

/** Structure of the LMDB files. Only while no platform writes them: read from beside, a page may be changing. */
export function journalAndQuarantine(dataDirectory: string): readonly Finding[] {
  return ['journal/journal.mdb', 'quarantine/quarantine.mdb'].flatMap((file) => {
    const path = join(dataDirectory, file);
    if (!existsSync(path)) return [];
    const check = file.split('/')[0] ?? '';
    const damage = findLmdbDamage(path);
    return [
      damage === null
        ? ok(check, `${file} is sound`, `${file} nguyên vẹn`)
        : warning(
            check,
            `${file} is damaged (${damage}): the next start sets it aside, and saves what is whole in it.`,
            `${file} bị hỏng (${damage}): lần khởi động tới sẽ tách riêng tệp này và cứu phần còn nguyên.`,
          ),
    ];
  });
}

/** What was set aside as damaged, and is waiting for a person. */
export function damagedFiles(dataDirectory: string): Finding {
  const store = join(dataDirectory, 'store', 'damaged');
  const named = ['journal', 'quarantine', 'broker'].flatMap((name) => {
    const folder = join(dataDirectory, name);
    return existsSync(folder)
      ? readdirSync(folder)
          .filter((file) => file.includes('.damaged'))
          .map((file) => join(name, file))
      : [];
  });
  const found = [...named, ...(existsSync(store) ? readdirSync(store).map((file) => join('store/damaged', file)) : [])];
  return found.length === 0
    ? ok('damaged_files', 'No damaged file was set aside', 'Không có tệp hỏng nào')
    : warning(
        'damaged_files',
        `Damaged files were set aside: ${found.join(', ')}. Compare with the last backup; remove them when nothing is missed.`,
        `Có tệp hỏng đã được tách riêng: ${found.join(', ')}. Hãy đối chiếu với bản sao lưu gần nhất; xóa khi không còn cần.`,
      );
}

/** Whether InfluxDB answers, lets the platform in, and has where readings are to be kept. */
export async function influx(store: Extract<Settings['store'], { engine: 'influxdb' }>): Promise<Finding> {
  try {
    const answer = await fetch(new URL('/ping', store.url), { signal: AbortSignal.timeout(5_000) });
    const version = answer.headers.get('x-influxdb-version') ?? '?';
    if (answer.ok && /^v?[03]\./.test(version))
      return problem(
        'influxdb',
        `InfluxDB ${version} at ${store.url} is not one the platform can work with: 1.8 or later, or 2, is needed.`,
        `InfluxDB ${version} tại ${store.url} không dùng được: cần phiên bản từ 1.8 hoặc 2.`,
      );
    const place = answer.ok ? await influxPlace(store) : 'there';
    if (place === 'refused')
      return problem(
        'influxdb',
        `InfluxDB at ${store.url} refuses who signs in: see ${store.api === 'v2' ? 'HD_STORE_TOKEN_FILE' : 'HD_STORE_USER and HD_STORE_PASSWORD_FILE'}. Readings wait in the journal meanwhile.`,
        `InfluxDB tại ${store.url} từ chối đăng nhập: hãy xem lại ${store.api === 'v2' ? 'HD_STORE_TOKEN_FILE' : 'HD_STORE_USER và HD_STORE_PASSWORD_FILE'}. Trong lúc đó số đo chờ trong sổ nhật ký.`,
      );
    if (place === 'missing')
      return store.api === 'v2'
        ? problem(
            'influxdb',
            `InfluxDB at ${store.url} has no bucket ${store.bucket}: make it (\`influx bucket create\`), or see HD_STORE_BUCKET.`,
            `InfluxDB tại ${store.url} không có bucket ${store.bucket}: hãy tạo (\`influx bucket create\`) hoặc xem lại HD_STORE_BUCKET.`,
          )
        : problem(
            'influxdb',
            `InfluxDB at ${store.url} has no database ${store.database}: make it (\`CREATE DATABASE\`), or see HD_STORE_DATABASE.`,
            `InfluxDB tại ${store.url} không có cơ sở dữ liệu ${store.database}: hãy tạo (\`CREATE DATABASE\`) hoặc xem lại HD_STORE_DATABASE.`,
          );
    return answer.ok
      ? ok('influxdb', `InfluxDB ${version} answers at ${store.url}`, `InfluxDB ${version} trả lời tại ${store.url}`)
      : problem(
          'influxdb',
          `InfluxDB at ${store.url} answers ${answer.status}: see its log.`,
          `InfluxDB tại ${store.url} trả lời ${answer.status}: hãy xem nhật ký của nó.`,
        );
  } catch (error) {
    const why =
      (error as Error).cause instanceof Error ? ((error as Error).cause as Error).message : (error as Error).message;
    return problem(
      'influxdb',
      `InfluxDB can't be reached at ${store.url} (${why}): start it, or set HD_STORE_URL. Readings wait in the journal meanwhile.`,
      `Không kết nối được InfluxDB tại ${store.url} (${why}): hãy khởi động nó hoặc đặt HD_STORE_URL. Trong lúc đó số đo chờ trong sổ nhật ký.`,
    );
  }
}

async function influxPlace(
  store: Extract<Settings['store'], { engine: 'influxdb' }>,
): Promise<'there' | 'missing' | 'refused'> {
  const { api, user, password, token, organisation, bucket, database } = store;
  const query =
    api === 'v2'
      ? `/api/v2/buckets?${new URLSearchParams({ name: bucket ?? '', org: organisation ?? '' })}`
      : `/query?${new URLSearchParams({ q: 'SHOW DATABASES' })}`;
  const signIn =
    api === 'v2'
      ? `Token ${token ?? ''}`
      : user && `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}`;
  const answer = await fetch(new URL(query, store.url), {
    headers: signIn ? { authorization: signIn } : {},
    signal: AbortSignal.timeout(5_000),
  });
  if (answer.status === 401 || answer.status === 403) return 'refused';
  if (answer.status === 404) return 'missing';
  if (!answer.ok) throw new Error(`it answers ${answer.status}`);
  const body = (await answer.json()) as {
    readonly buckets?: readonly unknown[];
    readonly results?: readonly {
      readonly series?: readonly { readonly values?: readonly (readonly unknown[])[] }[];
    }[];
  };
  const isThere =
    api === 'v2'
      ? (body.buckets ?? []).length > 0
      : body.results?.[0]?.series?.[0]?.values?.some(([name]) => name === database) === true;
  return isThere ? 'there' : 'missing';
}

/** What a running platform says of itself. */
export async function readiness(port: number): Promise<Finding> {
  try {
    const answer = await fetch(`http://localhost:${port}/readyz`, { signal: AbortSignal.timeout(5_000) });
    return answer.ok
      ? ok('ready', 'The platform runs and acknowledges readings', 'Hệ thống đang chạy và xác nhận số đo')
      : problem(
          'ready',
          `The platform runs and can't acknowledge readings: ${await answer.text()}`,
          `Hệ thống đang chạy nhưng không xác nhận được số đo: ${await answer.text().catch(() => '')}`,
        );
  } catch (error) {
    return problem(
      'ready',
      `A platform holds the data directory and does not answer on port ${port} (${(error as Error).message}): see its log.`,
      `Có hệ thống đang giữ thư mục dữ liệu nhưng không trả lời ở cổng ${port} (${(error as Error).message}): hãy xem nhật ký.`,
    );
  }
}
