import { Button } from '@mantine/core';
import { useLanguage } from '../i18n/use-language.ts';

/** A page that broke. The rest of the platform goes on; loading again is safe. */
export function RouteError({ error }: { error: unknown }) {
  const { t } = useLanguage();
  console.error(error);
  return (
    <main className="centered-page" role="alert">
      <h1>{t('error.pageBroke')}</h1>
      <p>{t('error.pageBrokeHint')}</p>
      <Button onClick={() => window.location.reload()}>{t('error.reload')}</Button>
    </main>
  );
}
