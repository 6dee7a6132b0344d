import type { IndexCategoryWire } from '../../../api/contract/indices.ts';
import { inkOn } from '../../state/index-colour.ts';

/** A value of an index on the official colour of its category; `text` says it in full elsewhere. */
export function IndexBadge({
  category,
  text,
  large,
}: {
  category: IndexCategoryWire | null;
  text: string;
  large?: boolean;
}) {
  return (
    <span
      className={large ? 'index-badge index-badge-large' : 'index-badge'}
      style={category ? { background: category.colour, color: inkOn(category.colour) } : undefined}
    >
      {text}
    </span>
  );
}
