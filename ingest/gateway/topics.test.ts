import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topicMatches } from '../../domain/topic-filter.ts';
import { coversSubscription, deviceTopic, isAnswer } from './topics.ts';

const OWN = 'hd/v1/{id}/#';

describe('topics of devices', () => {
  it.each([
    { topic: 'hd/v1/air-1/telemetry', is: { device: 'air-1', kind: 'telemetry' } },
    { topic: 'hd/v1/air-1/cmd/7/ack', is: { device: 'air-1', kind: 'cmd/7/ack' } },
    { topic: 'hd/v1/air-1', is: null },
    { topic: 'hd/v1/air-1/', is: null },
    { topic: 'hd/v1//telemetry', is: null },
    { topic: 'hd/v2/air-1/telemetry', is: null },
    { topic: 'hd/v1/+/telemetry', is: null },
    { topic: 'hd/v1/air-1/cmd/+/ack', is: null },
  ])('takes $topic apart', ({ topic, is }) => expect(deviceTopic(topic)).toEqual(is));

  it('lets a device answer commands and configuration, and nothing else', () => {
    expect(['cmd/7/ack', 'config/ack'].every(isAnswer)).toBe(true);
    expect(['cmd/7', 'cmd/7/8/ack', 'config', 'config/ack/x', 'ack'].some(isAnswer)).toBe(false);
  });

  it.each([
    { filter: OWN, topic: 'hd/v1/air-1/telemetry', allowed: true },
    { filter: OWN, topic: 'hd/v1/air-1', allowed: true },
    { filter: OWN, topic: 'hd/v1/air-2/telemetry', allowed: false },
    { filter: OWN, topic: 'hd/v1/air-11/telemetry', allowed: false },
    { filter: 'hd/v1/+/telemetry', topic: 'hd/v1/air-2/telemetry', allowed: true },
    { filter: 'hd/v1/+/telemetry', topic: 'hd/v1/air-2/status', allowed: false },
  ])('$filter allows air-1 to publish to $topic: $allowed', ({ filter, topic, allowed }) =>
    expect(topicMatches(filter, topic, 'air-1')).toBe(allowed),
  );

  it.each([
    { subscription: 'hd/v1/air-1/#', allowed: true },
    { subscription: 'hd/v1/air-1/cmd/+', allowed: true },
    { subscription: 'hd/v1/+/cmd/1', allowed: false },
    { subscription: 'hd/v1/#', allowed: false },
    { subscription: '#', allowed: false },
    { subscription: '+/v1/air-1/cmd', allowed: false },
  ])('a subscription to $subscription is allowed: $allowed', ({ subscription, allowed }) =>
    expect(coversSubscription(OWN, subscription, 'air-1')).toBe(allowed),
  );

  it('never grants a subscription that matches a topic outside the filter', () => {
    const topics = fc.array(fc.constantFrom('hd', 'v1', 'air-1', 'air-2', 'cmd'), { minLength: 1, maxLength: 4 });
    /** Some levels of it left open, or its end. */
    const opened = (levels: readonly string[]) =>
      fc.tuple(fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.option(fc.nat(4))).map(([plus, end]) =>
        levels
          .map((level, i) => (plus[i] ? '+' : level))
          .slice(0, end ?? 4)
          .concat(end === null ? [] : '#'),
      );
    const cases = topics.chain((topic) =>
      fc.tuple(fc.constant(topic), opened(topic), fc.oneof(opened(topic), topics.chain(opened))),
    );
    fc.assert(
      fc.property(cases, ([topic, subscription, filter]) => {
        const name = topic.join('/');
        expect(topicMatches(subscription.join('/'), name, 'air-1')).toBe(true);
        fc.pre(coversSubscription(filter.join('/'), subscription.join('/'), 'air-1'));
        expect(topicMatches(filter.join('/'), name, 'air-1')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
