import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SavedViewWire } from '../../../api/contract/saved-views.ts';
import type { AgencyId } from '../../../domain/identifiers.ts';
import type { SavedViewKind } from '../../../domain/saved-view.ts';
import { usePlatform } from '../../client/platform.tsx';
import { agenciesQuery } from '../../client/queries.ts';
import { useCopyViewLink, useSavedViews } from '../../client/saved-views.ts';
import { agenciesWith } from '../../client/session.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import '../../styles/views.css';

const NAME_MAX = 80;

/** Name and who may open it. */
function ViewFields({
  name,
  sharedWith,
  onName,
  onShare,
}: {
  name: string;
  sharedWith: AgencyId | null;
  onName: (name: string) => void;
  onShare: (agency: AgencyId | null) => void;
}) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const agencies = agenciesWith(session, 'read', useQuery(agenciesQuery).data?.items ?? []);
  return (
    <>
      <TextInput
        label={t('views.name')}
        value={name}
        maxLength={NAME_MAX}
        data-autofocus
        onChange={(event) => onName(event.currentTarget.value)}
      />
      <Select
        label={t('views.share')}
        data={[
          { value: '', label: t('views.shareNobody') },
          ...agencies.map((agency) => ({
            value: agency.id as string,
            label: t('views.shareAgency', { agency: agency.name[language] }),
          })),
        ]}
        value={sharedWith ?? ''}
        onChange={(next) => onShare(next === null || next === '' ? null : (next as AgencyId))}
        allowDeselect={false}
      />
    </>
  );
}

export function SaveViewDialog({
  kind,
  content,
  onClose,
}: {
  kind: SavedViewKind;
  content: SavedViewWire['content'];
  onClose: () => void;
}) {
  const { t } = useLanguage();
  const { busy, save } = useSavedViews();
  const [name, setName] = useState('');
  const [sharedWith, setSharedWith] = useState<AgencyId | null>(null);
  return (
    <Modal opened onClose={onClose} title={t('views.saveTitle')} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void save({ kind, name: name.trim(), content, sharedWith }).then((done) => done && onClose());
        }}
      >
        <ViewFields name={name} sharedWith={sharedWith} onName={setName} onShare={setSharedWith} />
        <Button type="submit" loading={busy} disabled={name.trim() === ''}>
          {t('views.saveButton')}
        </Button>
      </form>
    </Modal>
  );
}

/** One's own views: renamed, shared, given the content on screen, deleted and brought back. */
export function EditViewsDialog({
  views,
  content,
  onClose,
}: {
  views: readonly SavedViewWire[];
  content: SavedViewWire['content'];
  onClose: () => void;
}) {
  const { t } = useLanguage();
  const { save, remove } = useSavedViews();
  const [deleted, setDeleted] = useState<SavedViewWire | null>(null);
  const bringBack = async (view: SavedViewWire) => {
    if (await save(view)) setDeleted(null);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('views.manageTitle')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <div role="status">
        {deleted === null ? null : (
          <p className="views-deleted">
            {t('views.deleted', { name: deleted.name })}{' '}
            <Button variant="default" size="xs" onClick={() => void bringBack(deleted)}>
              {t('views.undo')}
            </Button>
          </p>
        )}
      </div>
      <ul className="views-list">
        {views.map((view) => (
          <EditedView
            key={`${view.id} ${view.version}`}
            view={view}
            content={content}
            onDelete={() => void remove(view).then((gone) => gone && setDeleted(view))}
          />
        ))}
      </ul>
    </Modal>
  );
}

function EditedView({
  view,
  content,
  onDelete,
}: {
  view: SavedViewWire;
  content: SavedViewWire['content'];
  onDelete: () => void;
}) {
  const { t } = useLanguage();
  const { busy, change } = useSavedViews();
  const [name, setName] = useState(view.name);
  const [sharedWith, setSharedWith] = useState(view.sharedWith);
  const [said, setSaid] = useState('');
  const copyLink = useCopyViewLink();
  const isChanged = name.trim() !== view.name || sharedWith !== view.sharedWith;
  return (
    <li>
      <fieldset className="bare" aria-label={t('views.edit', { name: view.name })}>
        <ViewFields name={name} sharedWith={sharedWith} onName={setName} onShare={setSharedWith} />
        <div className="form-buttons">
          <Button
            loading={busy}
            disabled={!isChanged || name.trim() === ''}
            onClick={() => void change(view, { name: name.trim(), sharedWith })}
          >
            {t('views.rename')}
          </Button>
          <Button variant="default" loading={busy} onClick={() => void change(view, { content })}>
            {t('views.replace')}
          </Button>
          <Button
            variant="default"
            onClick={() =>
              void copyLink(view.kind, view.content).then((done) =>
                setSaid(t(done ? 'views.linkCopied' : 'views.linkNotCopied')),
              )
            }
          >
            {t('views.copyItsLink')}
          </Button>
          <Button variant="default" loading={busy} onClick={onDelete}>
            {t('views.delete')}
          </Button>
        </div>
        <p className="small secondary" role="status">
          {said}
        </p>
      </fieldset>
    </li>
  );
}
