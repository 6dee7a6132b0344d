import type { RuleId } from '../../domain/identifiers.ts';
import { RegistryError, type RegistryView } from '../../domain/ports/registry.ts';
import type { Rule } from '../../domain/rule.ts';

/** The version in force; `null`: there is none. */
export async function liveRule(view: RegistryView, id: RuleId): Promise<Rule | null> {
  try {
    return await view.rules.get(id);
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}
