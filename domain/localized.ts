/** Languages people read, equal in standing. Every text for people exists in both. */
export const LANGUAGES = ['vi', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];
export type Localized = Readonly<Record<Language, string>>;

/**
 * A text for people, stored as catalogue key and parameters and rendered per language when shown.
 * Keys are listed in the catalogues (`dashboard/` and the notification templates).
 */
export interface TextKey {
  readonly key: string;
  readonly params?: Readonly<Record<string, string | number>>;
}
