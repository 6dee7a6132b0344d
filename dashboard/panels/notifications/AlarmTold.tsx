import { useQuery } from '@tanstack/react-query';
import type { AlarmWire } from '../../../api/contract/alarms.ts';
import { Failure } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { MessageLine } from './MessageLog.tsx';
import { alarmToldQuery } from './notification-queries.ts';

/** Who was told of an alarm. */
export function AlarmTold({ alarm }: { alarm: AlarmWire }) {
  const { t } = useLanguage();
  const told = useQuery(alarmToldQuery(alarm.id, alarm.version));
  return (
    <section>
      <h3 className="section-title">{t('notifications.told')}</h3>
      {told.error ? (
        <Failure error={told.error} retry={() => void told.refetch()} />
      ) : !told.data || told.data.items.length === 0 ? (
        <p className="small secondary">{told.isPending ? '…' : t('notifications.toldNobody')}</p>
      ) : (
        <ol className="history">
          {told.data.items.map((message) => (
            <MessageLine key={message.id} message={message} withResend={false} />
          ))}
        </ol>
      )}
    </section>
  );
}
