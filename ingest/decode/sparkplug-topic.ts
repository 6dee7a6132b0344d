import { err, ok, type Result } from '../../domain/result.ts';

const NODE_TYPES = ['NBIRTH', 'NDATA', 'NDEATH', 'NCMD'] as const;
const DEVICE_TYPES = ['DBIRTH', 'DDATA', 'DDEATH', 'DCMD'] as const;

/** A topic of Sparkplug B 3.0, `spBv1.0/{group}/{type}/{edge}[/{device}]` or `spBv1.0/STATE/{host}`. */
export type SparkplugTopic =
  | {
      readonly type: (typeof NODE_TYPES)[number];
      readonly group: string;
      readonly edge: string;
      readonly device: null;
    }
  | {
      readonly type: (typeof DEVICE_TYPES)[number];
      readonly group: string;
      readonly edge: string;
      readonly device: string;
    }
  | { readonly type: 'STATE'; readonly host: string };

/** [tck-id-topic-structure] of the Sparkplug 3.0 specification, §4.1. */
export function parseSparkplugTopic(topic: string): Result<SparkplugTopic, string> {
  const [namespace, group, type, edge, device, ...more] = topic.split('/');
  if (namespace !== 'spBv1.0') return err('the namespace is not spBv1.0');
  if (group === 'STATE')
    return type && edge === undefined ? ok({ type: 'STATE', host: type }) : err('STATE is followed by one host id');
  if (!group) return err('the group id is empty');
  if (!edge) return err('the edge node id is missing');
  if (more.length > 0 || [group, edge, device ?? 'x'].some((id) => id === '' || /[+#]/.test(id)))
    return err('an id is empty or has characters that are not allowed');
  const nodeType = NODE_TYPES.find((name) => name === type);
  if (nodeType)
    return device === undefined
      ? ok({ type: nodeType, group, edge, device: null })
      : err(`${nodeType} has no device id`);
  const deviceType = DEVICE_TYPES.find((name) => name === type);
  if (!deviceType) return err('the message type is unknown');
  return device === undefined ? err(`${deviceType} needs a device id`) : ok({ type: deviceType, group, edge, device });
}
