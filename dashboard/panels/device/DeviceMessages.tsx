import { useQuery } from '@tanstack/react-query';
import type { SeenMessageWire } from '../../../api/contract/commissioning.ts';
import type { DeviceId } from '../../../domain/identifiers.ts';
import { deviceMessagesQuery } from '../../client/queries.ts';
import { GatewaysAway } from '../../components/GatewaysAway.tsx';
import { Failure } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatBytes, formatTime } from '../../state/formatting.ts';
import { writtenBytes } from '../../state/written-bytes.ts';

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** The device's last messages as they came, beside what was understood of them; goes on while the page is open. */
export function DeviceMessages({ deviceId }: { deviceId: DeviceId }) {
  const { t } = useLanguage();
  const messages = useQuery(deviceMessagesQuery(deviceId));
  if (messages.error && !messages.data) return <Failure error={messages.error} retry={() => void messages.refetch()} />;
  const items = messages.data?.items ?? [];
  return (
    <section aria-label={t('tail.title')}>
      <h2 className="section-title">{t('tail.title')}</h2>
      <p className="secondary small" role="status">
        {messages.data ? t('tail.since', { time: formatTime(messages.data.watchedSince, true) }) : ''}
      </p>
      <GatewaysAway away={messages.data?.away} text="tail.away" />
      {messages.data && items.length === 0 ? <p className="secondary section-empty">{t('tail.empty')}</p> : null}
      <ol className="tail">
        {items.map((message) => (
          <TailMessage key={`${message.gateway} ${message.number}`} message={message} />
        ))}
      </ol>
    </section>
  );
}

function TailMessage({ message }: { message: SeenMessageWire }) {
  const { t, language } = useLanguage();
  const { arrivalTime, transport, topic, sizeBytes, base64, values, problems } = message;
  return (
    <li className="tail-message">
      <p className="secondary small tail-head">
        {formatTime(arrivalTime, true)} · {transport.toUpperCase()} · {topic} · {formatBytes(sizeBytes, language)}
      </p>
      <pre className="code-block">{writtenBytes(bytesOf(base64))}</pre>
      <div>
        <table className="tail-values">
          <tbody>
            {values.map(({ channel, value, unit, deviceTime }, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a message may name a channel twice
              <tr key={i}>
                <th scope="row">{channel}</th>
                <td className="numeric">
                  {value} {unit ?? ''}
                </td>
                <td className="secondary">{deviceTime === null ? t('tail.noTime') : formatTime(deviceTime, true)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {problems.map((problem) => (
          <p key={`${problem.index} ${problem.quantity} ${problem.code}`} className="form-problem">
            {t(`quarantineCode.${problem.code}`)}
            {problem.quantity ? ` · ${problem.quantity}` : ''} · {problem.detail}
          </p>
        ))}
      </div>
    </li>
  );
}
