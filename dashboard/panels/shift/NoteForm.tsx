import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { ShiftEntryWire } from '../../../api/contract/shifts.ts';
import type { AgencyId } from '../../../domain/identifiers.ts';
import { useShiftActions } from '../../client/shifts.ts';
import { DateField } from '../../components/DateField.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { instantOf } from '../../state/city-dates.ts';
import { formatDateTime } from '../../state/formatting.ts';

/** Writes a note, or a correction of one: what is written stays. Ctrl-Enter writes it down. */
export function NoteForm({
  agencyId,
  corrected,
  onDone,
}: {
  agencyId: AgencyId;
  corrected: Extract<ShiftEntryWire, { readonly kind: 'note' }> | null;
  /** Of a correction: written or given up. */
  onDone: () => void;
}) {
  const { t, language } = useLanguage();
  const { busy, note } = useShiftActions();
  const [text, setText] = useState('');
  const [happened, setHappened] = useState('');
  const words = text.trim();
  async function write(): Promise<void> {
    if (words === '' || busy) return;
    const happenedAt = happened === '' ? null : instantOf(happened);
    const done = await note(agencyId, {
      text: words,
      ...(happenedAt === null ? {} : { happenedAt }),
      ...(corrected === null ? {} : { corrects: corrected.noteId }),
    });
    if (!done) return;
    setText('');
    setHappened('');
    onDone();
  }
  return (
    <form
      className="shift-note-form"
      onSubmit={(event) => {
        event.preventDefault();
        void write();
      }}
    >
      {corrected === null ? null : (
        <p className="small">
          {t('shift.correcting', { time: formatDateTime(corrected.at, language), text: corrected.text })}
        </p>
      )}
      <Textarea
        label={t(corrected === null ? 'shift.newNote' : 'shift.newCorrection')}
        description={t('shift.noteHint')}
        placeholder={t('shift.noteExample')}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={2000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void write();
        }}
      />
      <div className="form-row">
        {corrected === null ? (
          <DateField
            kind="moment"
            label={t('shift.happenedAt')}
            value={happened}
            onChange={(next) => setHappened(next)}
          />
        ) : null}
        <div className="shift-note-actions">
          {corrected === null ? null : (
            <Button variant="default" onClick={onDone}>
              {t('common.cancel')}
            </Button>
          )}
          <Button type="submit" loading={busy} disabled={words === ''}>
            {t('shift.write')}
          </Button>
        </div>
      </div>
    </form>
  );
}
