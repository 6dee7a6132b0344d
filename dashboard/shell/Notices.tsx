import { Popover } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { NoticeWire } from '../../api/contract/users.ts';
import { CODEC_EXCESSES } from '../../domain/ports/codec-bench.ts';
import { useLive, useServerNow } from '../client/platform.tsx';
import { noticesQuery } from '../client/queries.ts';
import { useCity } from '../client/use-city.tsx';
import { IconMessageReport } from '../components/icons.ts';
import { Failure } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { formatAge, formatCount, formatDateTime } from '../state/formatting.ts';
import { isUrgent, mergedNotices, noticeKey } from '../state/notice-list.ts';

/** Until when this screen's notices have been read; epoch ms. */
const READ_UNTIL_KEY = 'hd-notices-read-until';

function useNoticeText(): (notice: NoticeWire) => string {
  const { t, language } = useLanguage();
  const { quantities } = useCity();
  return ({ kind, text: { params = {} } }) => {
    const { quantity, excess } = params;
    const name = [...quantities.values()].find(({ key }) => key === quantity)?.name[language];
    const headline = params[`headline_${language}`];
    const scope = params[`scope_${language}`];
    const { until } = params;
    const tooMuch = CODEC_EXCESSES.find((each) => each === excess);
    return t(`notices.text.${noticeKey(kind)}`, {
      ...params,
      ...(name === undefined ? {} : { quantity: name }),
      ...(headline === undefined ? {} : { headline }),
      ...(scope === undefined ? {} : { scope }),
      ...(typeof until === 'number' ? { until: formatDateTime(until, language) } : {}),
      ...(tooMuch === undefined ? {} : { excess: t(`codecExcess.${tooMuch}`) }),
    });
  };
}

/** What the platform has to say of itself: urgent things at once in a corner, all of it in a list behind a button that counts what is new. */
export function Notices() {
  const { t, language } = useLanguage();
  const text = useNoticeText();
  const live = useLive((state) => state.notices);
  const now = useServerNow();
  const [isOpen, setOpen] = useState(false);
  const [readUntil, setReadUntil] = useState(() => Number(localStorage.getItem(READ_UNTIL_KEY) ?? 0));
  const kept = useQuery(noticesQuery);
  const all = mergedNotices(live, kept.data?.items ?? []);
  const unread = all.filter(({ at }) => at > readUntil).length;
  useUrgentCalls(live, text);

  function open(next: boolean): void {
    setOpen(next);
    const newest = all[0]?.at;
    if (next || newest === undefined) return;
    localStorage.setItem(READ_UNTIL_KEY, String(newest));
    setReadUntil(newest);
  }
  const label = unread > 0 ? t('notices.unread', { count: unread }) : t('notices.title');
  return (
    <Popover opened={isOpen} onChange={open} position="bottom-end" width={380} trapFocus withinPortal>
      <Popover.Target>
        <button
          type="button"
          className="icon-button notices-button"
          aria-label={label}
          title={label}
          aria-expanded={isOpen}
          onClick={() => open(!isOpen)}
        >
          <IconMessageReport size={18} aria-hidden="true" />
          {unread > 0 ? (
            <span className="notices-count" aria-hidden="true">
              {formatCount(Math.min(unread, 99), language)}
            </span>
          ) : null}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <section aria-label={t('notices.title')}>
          <h2 className="section-title">{t('notices.title')}</h2>
          {kept.error && all.length === 0 ? <Failure error={kept.error} retry={() => void kept.refetch()} /> : null}
          {all.length === 0 && kept.isSuccess ? <p className="secondary">{t('notices.empty')}</p> : null}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the list scrolls and must be reachable by keyboard */}
          <ul className="notices-list" tabIndex={0}>
            {all.map((notice) => (
              <li key={notice.id} data-new={notice.at > readUntil || undefined}>
                <p>{text(notice)}</p>
                <p className="small secondary">
                  <time dateTime={new Date(notice.at).toISOString()} title={formatDateTime(notice.at, language, true)}>
                    {formatAge(now - notice.at, language)}
                  </time>
                  {typeof notice.text.params?.['modelId'] === 'string' ? (
                    <>
                      {' · '}
                      <Link
                        to="/models/$modelId"
                        params={{ modelId: notice.text.params['modelId'] }}
                        onClick={() => open(false)}
                      >
                        {t('notices.model')}
                      </Link>
                    </>
                  ) : null}
                  {notice.deviceId === null ? null : (
                    <>
                      {' · '}
                      <Link to="/devices" search={{ device: notice.deviceId }} onClick={() => open(false)}>
                        {t('notices.device')}
                      </Link>
                    </>
                  )}
                </p>
              </li>
            ))}
          </ul>
        </section>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Says urgent notices once, as they come. */
function useUrgentCalls(live: readonly NoticeWire[], text: (notice: NoticeWire) => string): void {
  const { t } = useLanguage();
  const said = useRef(new Set<string>());
  useEffect(() => {
    for (const notice of live) {
      if (said.current.has(notice.id) || !isUrgent(notice.kind)) continue;
      said.current.add(notice.id);
      notifications.show({
        message: text(notice),
        autoClose: 12_000,
        color: 'orange',
        closeButtonProps: { 'aria-label': t('common.close') },
      });
    }
  }, [live, text, t]);
}
