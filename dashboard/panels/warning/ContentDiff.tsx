import { useLanguage } from '../../i18n/use-language.ts';
import { formatDateTime } from '../../state/formatting.ts';
import { type Content, type ContentPart, changedParts, cornersText } from '../../state/warning-draft.ts';

/** What a change changes, against what is published: the second person reads this before anything else. */
export function ContentDiff({ before, after }: { before: Content; after: Content }) {
  const { t, language } = useLanguage();
  const changed = changedParts(before, after);
  const nameOf = (part: ContentPart): string => {
    switch (part) {
      case 'event':
      case 'headline':
      case 'description':
      case 'instruction':
        return t(`warnings.part.${part}`);
      case 'severity':
      case 'urgency':
      case 'certainty':
        return t(`warnings.${part}Field`);
      case 'area':
        return t('warnings.area.title');
      case 'categories':
      case 'responseTypes':
      case 'onset':
      case 'expires':
      case 'contact':
        return t(`warnings.${part}`);
    }
  };
  const textOf = (content: Content, part: ContentPart): string => {
    switch (part) {
      case 'event':
      case 'headline':
      case 'description':
      case 'instruction':
        return `${content[part].vi}\n${content[part].en}`;
      case 'categories':
        return content.categories.map((each) => t(`warnings.category.${each}`)).join(', ');
      case 'responseTypes':
        return content.responseTypes.map((each) => t(`warnings.response.${each}`)).join(', ');
      case 'severity':
        return t(`warnings.severity.${content.severity}`);
      case 'urgency':
        return t(`warnings.urgency.${content.urgency}`);
      case 'certainty':
        return t(`warnings.certainty.${content.certainty}`);
      case 'onset':
      case 'expires': {
        const at = content[part];
        return at === null ? t('warnings.atOnce') : formatDateTime(at, language);
      }
      case 'contact':
        return content.contact;
      case 'area':
        return [
          content.area.description.vi,
          content.area.description.en,
          ...content.area.outlines.map(cornersText),
          ...content.area.circles.map(({ centre, radiusKm }) => `${cornersText([centre])} · ${radiusKm} km`),
        ].join('\n');
    }
  };
  if (changed.length === 0) return <p className="secondary">{t('warnings.diff.none')}</p>;
  return (
    <table className="warning-diff">
      <thead>
        <tr>
          <th scope="col">{t('warnings.diff.part')}</th>
          <th scope="col">{t('warnings.diff.published')}</th>
          <th scope="col">{t('warnings.diff.proposed')}</th>
        </tr>
      </thead>
      <tbody>
        {changed.map((part) => (
          <tr key={part}>
            <th scope="row">{nameOf(part)}</th>
            <td>
              <del>{textOf(before, part)}</del>
            </td>
            <td>
              <ins>{textOf(after, part)}</ins>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
