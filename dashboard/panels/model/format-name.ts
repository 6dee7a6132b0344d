import { PAYLOAD_FORMATS } from '../../../domain/payload-format.ts';
import { useLanguage } from '../../i18n/use-language.ts';

/** What people call a payload format; its key for one that this page doesn't know. */
export function useFormatName(): (format: string) => string {
  const { t } = useLanguage();
  return (format) => {
    const known = PAYLOAD_FORMATS.find((each) => each === format);
    return known === undefined ? format : t(`models.formats.${known}`);
  };
}
