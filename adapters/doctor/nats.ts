import type { Settings } from '../../config/settings.ts';
import { lookAtNats, type NatsServerLook } from '../nats/look.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const OLDEST = [2, 9] as const;
/** Entries of the journal are made to fit into it. */
const NEEDED_PAYLOAD_BYTES = 1_048_576;

const isOld = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
};

/** Whether the NATS servers answer and keep the journal as the settings want it. `isInUse`: the platform has kept readings by these settings before. */
export async function nats(
  { servers, user, password, stream, replicas }: Settings['nats'],
  isInUse: boolean,
): Promise<readonly Finding[]> {
  if (servers === undefined)
    return [
      problem(
        'nats',
        'The journal or the bus is to be on NATS, and no server is named: set HD_NATS_SERVERS.',
        'Sổ nhật ký hoặc kênh trực tiếp dùng NATS nhưng chưa khai báo máy chủ: hãy đặt HD_NATS_SERVERS.',
      ),
    ];
  const addresses = servers.split(',').map((address) => address.trim());
  const looks = await lookAtNats({ servers: addresses, user, password }, stream);
  const answering = looks.servers.filter((look) => 'info' in look);
  return [
    ...looks.servers.map((look) => server(look, answering.length > 0)),
    ...(looks.stream === null ? [] : [journal(looks.stream)]),
  ];

  function journal(found: NonNullable<typeof looks.stream>): Finding {
    if (found === 'no_jetstream')
      return problem(
        'nats_journal',
        'JetStream is off on the NATS servers: write `jetstream { store_dir: … }` into their configuration and restart them.',
        'Máy chủ NATS chưa bật JetStream: hãy thêm `jetstream { store_dir: … }` vào cấu hình rồi khởi động lại.',
      );
    if (found === 'undecided')
      return problem(
        'nats_journal',
        `Nobody leads the stream ${stream}: most of the servers that hold it are away. Nothing is acknowledged until they are started again; nothing acknowledged is lost.`,
        `Luồng ${stream} không có máy chủ dẫn đầu: quá nửa số máy chủ giữ luồng đang vắng mặt. Hệ thống ngừng xác nhận bản tin đến khi chúng chạy lại; dữ liệu đã xác nhận không mất.`,
      );
    const isCluster = answering.some(({ info }) => info.cluster !== undefined);
    if (replicas > 1 && !isCluster)
      return problem(
        'nats_journal',
        `HD_NATS_REPLICAS is ${replicas}, and the NATS servers are no cluster: name each other's addresses in their \`cluster { routes }\`, or set HD_NATS_REPLICAS=1.`,
        `HD_NATS_REPLICAS là ${replicas} nhưng các máy chủ NATS chưa thành cụm: hãy khai báo \`cluster { routes }\` cho chúng, hoặc đặt HD_NATS_REPLICAS=1.`,
      );
    if (found === 'missing')
      return isInUse
        ? warning(
            'nats_journal',
            `The stream ${stream} is missing, and this data directory has been in use: see HD_NATS_STREAM and HD_NATS_SERVERS. If it was deleted, what it held is lost, and the next start makes it anew.`,
            `Thiếu luồng ${stream} trong khi thư mục dữ liệu này đã được dùng: hãy xem lại HD_NATS_STREAM và HD_NATS_SERVERS. Nếu luồng đã bị xóa thì dữ liệu trong đó đã mất, lần khởi động tới sẽ tạo luồng mới.`,
          )
        : ok(
            'nats_journal',
            `The stream ${stream} is not there yet: the first start makes it`,
            `Chưa có luồng ${stream}: lần khởi động đầu sẽ tạo`,
          );
    const held = found.config.num_replicas;
    if (held < replicas)
      return warning(
        'nats_journal',
        `The stream ${stream} holds each entry ${held} times, HD_NATS_REPLICAS is ${replicas}: the next start of a gateway adds what is missing.`,
        `Luồng ${stream} giữ mỗi mục ${held} bản, trong khi HD_NATS_REPLICAS là ${replicas}: lần khởi động tới của cổng tiếp nhận sẽ bổ sung.`,
      );
    const behind = (found.cluster?.replicas ?? []).filter((peer) => peer.offline === true || !peer.current);
    return behind.length > 0
      ? warning(
          'nats_journal',
          `Copies of the stream ${stream} are away or behind: ${behind.map(({ name }) => name).join(', ')}. Start these servers, or let them catch up, before another one stops.`,
          `Bản sao của luồng ${stream} đang vắng hoặc chậm: ${behind.map(({ name }) => name).join(', ')}. Hãy khởi động hoặc chờ chúng bắt kịp trước khi dừng máy chủ khác.`,
        )
      : ok(
          'nats_journal',
          `The stream ${stream} holds each entry ${held} times, and all copies are whole`,
          `Luồng ${stream} giữ mỗi mục ${held} bản, các bản sao đều đủ`,
        );
  }
}

/** `othersAnswer`: the platform runs without this one. */
function server(look: NatsServerLook, othersAnswer: boolean): Finding {
  const { address } = look;
  if ('why' in look) {
    if (look.why === 'refused')
      return problem(
        'nats',
        `NATS at ${address} refuses who signs in (${look.message}): see HD_NATS_USER and HD_NATS_PASSWORD_FILE.`,
        `NATS tại ${address} từ chối đăng nhập (${look.message}): hãy xem lại HD_NATS_USER và HD_NATS_PASSWORD_FILE.`,
      );
    return (othersAnswer ? warning : problem)(
      'nats',
      `NATS does not answer at ${address} (${look.message}): start it, or see HD_NATS_SERVERS.`,
      `NATS không trả lời tại ${address} (${look.message}): hãy khởi động nó hoặc xem lại HD_NATS_SERVERS.`,
    );
  }
  const { version, max_payload: payload } = look.info;
  if (isOld(version))
    return problem(
      'nats',
      `NATS ${version} at ${address} is too old: ${OLDEST.join('.')} or newer is needed.`,
      `NATS ${version} tại ${address} quá cũ: cần phiên bản ${OLDEST.join('.')} trở lên.`,
    );
  return payload < NEEDED_PAYLOAD_BYTES
    ? problem(
        'nats',
        `NATS at ${address} takes messages of ${payload} bytes at the most: set its max_payload to ${NEEDED_PAYLOAD_BYTES} or more.`,
        `NATS tại ${address} chỉ nhận bản tin tối đa ${payload} byte: hãy đặt max_payload từ ${NEEDED_PAYLOAD_BYTES} trở lên.`,
      )
    : ok('nats', `NATS ${version} answers at ${address}`, `NATS ${version} trả lời tại ${address}`);
}
