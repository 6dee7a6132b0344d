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
    const why = (error as Error).message || String((error as { code?: unknown }).code);
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

/** Whether InfluxDB answers. */
export async function influx(store: Extract<Settings['store'], { engine: 'influxdb' }>): Promise<Finding> {
  try {
    const answer = await fetch(new URL('/ping', store.url), { signal: AbortSignal.timeout(5_000) });
    const version = answer.headers.get('x-influxdb-version') ?? '?';
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
