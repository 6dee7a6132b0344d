import { useLanguage } from '../i18n/use-language.ts';
import { ExportForm } from '../panels/exports/ExportForm.tsx';
import { ExportList } from '../panels/exports/ExportList.tsx';
import { DataTabs } from './DataTabs.tsx';
import '../styles/data-files.css';

/** Readings of any selection as a file. */
export function ExportPage() {
  const { t } = useLanguage();
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('nav.data')}</h1>
        <DataTabs />
      </header>
      <div className="page-scroll data-page">
        <ExportForm />
        <ExportList />
      </div>
    </div>
  );
}
