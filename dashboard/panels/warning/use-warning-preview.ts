import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { WarningWire } from '../../../api/contract/warnings.ts';
import { call } from '../../client/http.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import type { Content } from '../../state/warning-draft.ts';

/** Typing must have paused this long before the server is asked. */
const PAUSE_MS = 600;

/** The message as it would be published and what is in the way of it, following what is typed. */
export function useWarningPreview(warning: WarningWire, content: Content) {
  const { language } = useLanguage();
  const [settled, setSettled] = useState(content);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(content), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [content]);
  return useQuery({
    queryKey: ['warnings', 'preview', warning.id, warning.version, language, settled],
    queryFn: ({ signal }) =>
      call('POST /warnings/{warningId}/preview', {
        signal,
        params: { warningId: warning.id },
        body: { content: settled },
      }),
    enabled: warning.proposal !== null,
    placeholderData: (before) => before,
    gcTime: 0,
  });
}
