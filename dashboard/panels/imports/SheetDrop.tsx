import { Button, FileButton, Loader } from '@mantine/core';
import { type DragEvent, useState } from 'react';
import { useLanguage } from '../../i18n/use-language.ts';

/** Where a file is dropped or chosen; `reading`: the name of the one that is being read. */
export function SheetDrop({ reading, onFile }: { reading: string | null; onFile: (file: File) => void }) {
  const { t } = useLanguage();
  const [isOver, setIsOver] = useState(false);
  function take(event: DragEvent): void {
    event.preventDefault();
    setIsOver(false);
    const [file] = event.dataTransfer.files;
    if (file && reading === null) onFile(file);
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is the mouse's way; the button within is everybody's
    <div
      className="sheet-drop"
      data-over={isOver || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={take}
    >
      {reading === null ? (
        <>
          <p className="empty-title">{t('imports.drop')}</p>
          <FileButton accept=".csv,.xlsx" onChange={(file) => file && onFile(file)}>
            {(props) => <Button {...props}>{t('imports.choose')}</Button>}
          </FileButton>
          <p className="secondary small">{t('imports.dropHint')}</p>
        </>
      ) : (
        <p role="status">
          <Loader size="xs" /> {t('imports.reading', { file: reading })}
        </p>
      )}
    </div>
  );
}
