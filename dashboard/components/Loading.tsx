import { useEffect, useState } from 'react';
import { useLanguage } from '../i18n/use-language.ts';

/** After this a wait is explained in words. */
const EXPLAIN_AFTER_MS = 300;

function useWaited(): boolean {
  const [waited, setWaited] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setWaited(true), EXPLAIN_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return waited;
}

/** The shape of a list that is on its way; after 300 ms also what is waited for. */
export function ListLoading({ rows = 8, what }: { rows?: number; what: string }) {
  const waited = useWaited();
  return (
    <div className="loading-list" aria-busy="true">
      <p className="secondary small" role="status">
        {waited ? what : ''}
      </p>
      {Array.from({ length: rows }, (_, i) => `${92 - ((i * 17) % 40)}%`).map((width, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: shapes without identity
        <div key={i} className="loading-row" style={{ width }} />
      ))}
    </div>
  );
}

export function PageLoading() {
  const { t } = useLanguage();
  return (
    <div className="page">
      <ListLoading what={t('loading.page')} />
    </div>
  );
}
