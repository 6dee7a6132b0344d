import type { MapPoint } from '../../api/contract/map.ts';
import type { RuleWire } from '../../api/contract/rules.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import type { Severity } from '../../domain/rule.ts';
import { isSelected } from '../../domain/rule-selection.ts';

/** A limit as a chart draws it. */
export interface DrawnLimit {
  readonly value: number;
  readonly severity: Severity;
  readonly side: 'high' | 'low';
}

/** Whether the rule watches this point; every part of its selection that is given must match. */
export const watches = (rule: RuleWire, point: MapPoint): boolean =>
  rule.enabled &&
  rule.agencyId === point.agencyId &&
  isSelected(rule.selection, {
    ...point,
    pointId: point.id,
    models: point.devices.map(({ modelId }) => modelId),
  });

/** Limits in force for one quantity of a point; rules on change, stillness, silence or the statistic of a window have none that a line of readings could be held to. */
export function limitsOf(point: MapPoint, quantity: QuantityKey, rules: readonly RuleWire[]): readonly DrawnLimit[] {
  const limits = rules
    .filter((rule) => rule.quantity === quantity && watches(rule, point))
    .flatMap(({ condition }): DrawnLimit[] => {
      if ('over' in condition && condition.over !== undefined) return [];
      switch (condition.kind) {
        case 'above':
          return condition.levels.map(({ limit, severity }) => ({ value: limit, severity, side: 'high' }));
        case 'below':
          return condition.levels.map(({ limit, severity }) => ({ value: limit, severity, side: 'low' }));
        case 'outside':
          return condition.levels.flatMap(({ low, high, severity }) => [
            { value: low, severity, side: 'low' as const },
            { value: high, severity, side: 'high' as const },
          ]);
        default:
          return [];
      }
    });
  const seen = new Set<string>();
  return limits.filter(({ value, severity }) => {
    const key = `${severity} ${value}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
