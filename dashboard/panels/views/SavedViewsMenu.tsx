import { Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SavedViewWire } from '../../../api/contract/saved-views.ts';
import type { SavedViewKind } from '../../../domain/saved-view.ts';
import { usePlatform } from '../../client/platform.tsx';
import { savedViewsQuery, useCopyViewLink } from '../../client/saved-views.ts';
import { IconBookmark } from '../../components/icons.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { EditViewsDialog, SaveViewDialog } from './SavedViewDialogs.tsx';

/** The words of a page's address that a view of it keeps. */
type ViewContent = SavedViewWire['content'];

/**
 * Saved views of one kind: opened, saved, renamed, shared and deleted. `current`: the words of the page's address as it stands, those that are not
 * given left out; `onOpen` goes to the address that a view holds.
 */
export function SavedViewsMenu({
  kind,
  current,
  position = 'bottom-end',
  onOpen,
}: {
  kind: SavedViewKind;
  current: Readonly<Record<string, string | undefined>>;
  /** Where the menu opens beside its button. */
  position?: 'bottom-end' | 'left-end';
  onOpen: (content: ViewContent) => void;
}) {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const views = useQuery(savedViewsQuery(kind)).data ?? [];
  const [dialog, setDialog] = useState<'save' | 'edit' | null>(null);
  const content = Object.fromEntries(
    Object.entries(current).flatMap(([word, value]) => (value === undefined || value === '' ? [] : [[word, value]])),
  );
  const mine = views.filter(({ owner }) => owner === session.user.id);
  const shared = views.filter(({ owner }) => owner !== session.user.id);
  const copyLink = useCopyViewLink();
  const close = () => setDialog(null);
  return (
    <>
      <Menu position={position} width={280}>
        <Menu.Target>
          <button type="button" className="icon-button" aria-label={t('views.title')} title={t('views.title')}>
            <IconBookmark size={18} aria-hidden="true" />
          </button>
        </Menu.Target>
        <Menu.Dropdown className="views-menu">
          {views.length === 0 ? <Menu.Label>{t('views.none')}</Menu.Label> : null}
          {mine.length > 0 ? <Menu.Label>{t('views.mine')}</Menu.Label> : null}
          {mine.map((view) => (
            <Menu.Item key={view.id} onClick={() => onOpen(view.content)}>
              {view.name}
            </Menu.Item>
          ))}
          {shared.length > 0 ? <Menu.Label>{t('views.shared')}</Menu.Label> : null}
          {shared.map((view) => (
            <Menu.Item key={view.id} onClick={() => onOpen(view.content)}>
              {view.ownerName === null ? view.name : t('views.by', { name: view.name, owner: view.ownerName })}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={() => setDialog('save')}>{t('views.save')}</Menu.Item>
          <Menu.Item
            onClick={() =>
              void copyLink(kind, content).then((done) =>
                notifications.show({ message: t(done ? 'views.linkCopied' : 'views.linkNotCopied') }),
              )
            }
          >
            {t('views.copyLink')}
          </Menu.Item>
          {mine.length > 0 ? <Menu.Item onClick={() => setDialog('edit')}>{t('views.manage')}</Menu.Item> : null}
        </Menu.Dropdown>
      </Menu>
      {dialog === 'save' ? <SaveViewDialog kind={kind} content={content} onClose={close} /> : null}
      {dialog === 'edit' ? <EditViewsDialog views={mine} content={content} onClose={close} /> : null}
    </>
  );
}
