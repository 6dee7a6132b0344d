import { Button, Checkbox, Modal, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { CurrentShiftWire, HandoverWire } from '../../../api/contract/shifts.ts';
import type { UserId } from '../../../domain/identifiers.ts';
import { SHIFTS_A_DAY_MAX } from '../../../domain/shift.ts';
import { totalOf } from '../../../domain/shift-summary.ts';
import { recipientsQuery, useShiftActions } from '../../client/shifts.ts';
import { DateField } from '../../components/DateField.tsx';
import { ListLoading } from '../../components/Loading.tsx';
import { Failure } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount, formatDateTime } from '../../state/formatting.ts';
import { planOf, timeField } from '../../state/shift-times.ts';

function Dialog({
  title,
  onClose,
  onSubmit,
  children,
}: {
  title: string;
  onClose: () => void;
  onSubmit: () => void;
  children: ReactNode;
}) {
  const { t } = useLanguage();
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        {children}
      </form>
    </Modal>
  );
}

function Remark({ value, onChange }: { value: string; onChange: (next: string) => void }) {
  const { t } = useLanguage();
  return (
    <Textarea
      label={t('shift.remark')}
      description={t('shift.remarkHint')}
      autosize
      minRows={3}
      maxLength={2000}
      data-autofocus
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** The outgoing shift signs what it leaves. */
export function SignDialog({ shift, onClose }: { shift: CurrentShiftWire; onClose: () => void }) {
  const { t, language } = useLanguage();
  const navigate = useNavigate();
  const { busy, sign } = useShiftActions();
  const [remark, setRemark] = useState('');
  const { covers, summary, plan } = shift;
  const waiting = totalOf(summary.unacknowledged);
  async function send(): Promise<void> {
    const signed = await sign(plan.agencyId, { basedOn: covers.from, remark });
    if (signed) await navigate({ to: '/shift/handovers/$handoverId', params: { handoverId: signed.answer.id } });
  }
  return (
    <Dialog title={t('shift.signTitle')} onClose={onClose} onSubmit={() => void send()}>
      <p>{t('shift.signCovers', { from: formatDateTime(covers.from, language) })}</p>
      {waiting === 0 ? null : (
        <p className="shift-caution">{t('shift.signUnacknowledged', { number: formatCount(waiting, language) })}</p>
      )}
      <Remark value={remark} onChange={setRemark} />
      <p className="small secondary">{t('shift.signMeaning')}</p>
      <Button type="submit" loading={busy}>
        {t('shift.sign')}
      </Button>
    </Dialog>
  );
}

/** The next shift signs that it has read it. */
export function ReceiveDialog({ handover, onClose }: { handover: HandoverWire; onClose: () => void }) {
  const { t } = useLanguage();
  const { busy, receive } = useShiftActions();
  const [remark, setRemark] = useState('');
  async function send(): Promise<void> {
    if (await receive(handover, remark)) onClose();
  }
  return (
    <Dialog title={t('shift.receiveTitle')} onClose={onClose} onSubmit={() => void send()}>
      <p>{t('shift.receiveMeaning', { name: handover.content.signedBy.name })}</p>
      <Remark value={remark} onChange={setRemark} />
      <Button type="submit" loading={busy}>
        {t('shift.receive')}
      </Button>
    </Dialog>
  );
}

/** To colleagues who gave an address; without a mail server it says what there is instead. */
export function SendDialog({ handover, onClose }: { handover: HandoverWire; onClose: () => void }) {
  const { t } = useLanguage();
  const { busy, send } = useShiftActions();
  const recipients = useQuery(recipientsQuery(handover.content.agencyId));
  const [chosen, setChosen] = useState<readonly UserId[]>([]);
  async function go(): Promise<void> {
    const sent = await send(handover, { to: [...chosen] });
    if (!sent) return;
    const failed = sent.answer.items.filter(({ outcome }) => outcome !== 'accepted');
    const nameOf = (id: UserId) => recipients.data?.items.find(({ userId }) => userId === id)?.displayName ?? id;
    if (failed.length === 0) {
      notifications.show({ message: t('shift.sent', { count: sent.answer.items.length }) });
      onClose();
    } else {
      const message = failed.map(({ userId, answer }) => `${nameOf(userId)}: ${answer}`).join('; ');
      notifications.show({ color: 'red', title: t('shift.notSent'), message });
    }
  }
  return (
    <Dialog title={t('shift.sendTitle')} onClose={onClose} onSubmit={() => void go()}>
      {recipients.isPending ? (
        <ListLoading what={t('loading.shift')} />
      ) : recipients.error ? (
        <Failure error={recipients.error} retry={() => void recipients.refetch()} />
      ) : recipients.data.hasMail ? (
        <>
          <Checkbox.Group
            label={t('shift.sendTo')}
            description={t('shift.sendHint')}
            value={[...chosen]}
            onChange={(next) => setChosen(next as UserId[])}
          >
            <div className="shift-recipients">
              {recipients.data.items.map(({ userId, displayName, hasAddress }) => (
                <Checkbox
                  key={userId}
                  value={userId}
                  disabled={!hasAddress}
                  label={hasAddress ? displayName : t('shift.noAddress', { name: displayName })}
                />
              ))}
            </div>
          </Checkbox.Group>
          <Button type="submit" loading={busy} disabled={chosen.length === 0}>
            {t('shift.send')}
          </Button>
        </>
      ) : (
        <p>{t('shift.noMail')}</p>
      )}
    </Dialog>
  );
}

/** When shifts begin; the administrator of the agency says so. */
export function PlanDialog({ plan, onClose }: { plan: CurrentShiftWire['plan']; onClose: () => void }) {
  const { t } = useLanguage();
  const { busy, setPlan } = useShiftActions();
  const [fields, setFields] = useState(() => plan.startMinutes.map(timeField));
  const starts = planOf(fields);
  async function save(): Promise<void> {
    if (starts !== null && (await setPlan(plan.agencyId, plan.version, starts))) onClose();
  }
  return (
    <Dialog title={t('shift.planTitle')} onClose={onClose} onSubmit={() => void save()}>
      <p className="secondary">{t('shift.planHint')}</p>
      {fields.map((field, i) => (
        <DateField
          // biome-ignore lint/suspicious/noArrayIndexKey: the fields are their places
          key={i}
          kind="time"
          label={t('shift.begins', { number: i + 1 })}
          value={field}
          onChange={(next) => setFields((known) => known.map((each, at) => (at === i ? next : each)))}
        />
      ))}
      <div className="form-row">
        <Button
          variant="default"
          disabled={fields.length >= SHIFTS_A_DAY_MAX}
          onClick={() => setFields((known) => [...known, ''])}
        >
          {t('shift.addShift')}
        </Button>
        <Button
          variant="default"
          disabled={fields.length <= 1}
          onClick={() => setFields((known) => known.slice(0, -1))}
        >
          {t('shift.removeShift')}
        </Button>
      </div>
      <Button type="submit" loading={busy} disabled={starts === null}>
        {t('common.save')}
      </Button>
    </Dialog>
  );
}
