import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceId, PointId, UserId } from '../../domain/identifiers.ts';
import {
  type FieldQueue,
  type FieldTask,
  type FieldWork,
  givenUp,
  nextTask,
  outcomeOf,
  retried,
  settled,
  tasksOf,
  withTask,
} from './field-queue.ts';

const MINH = 'minh' as UserId;
let made = 0;
const aTask = (deviceId: string, work: FieldWork, userId = MINH): FieldTask => ({
  id: `t-${++made}`,
  deviceId: deviceId as DeviceId,
  userId,
  at: made,
  work,
  trouble: null,
});
const claim: FieldWork = { kind: 'claim', code: '7G4K', agencyId: null };
const place: FieldWork = { kind: 'place', pointId: 'p' as PointId, newPoint: null };
const photo: FieldWork = { kind: 'photo', picture: 'x' };
const kinds = (queue: FieldQueue) => queue.map(({ deviceId, work }) => `${deviceId} ${work.kind}`);
const refusal = { kind: 'refused', trouble: { code: 'CLAIM_USED', text: null } } as const;

const anyTask = fc
  .tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(claim, place, photo))
  .map(([device, work]) => aTask(device, work));
const anyQueue = fc.array(anyTask, { maxLength: 20 }).map((tasks) => tasks.reduce(withTask, [] as FieldQueue));
/** What the platform says, time after time. */
const anyAnswers = fc.array(fc.constantFrom('done' as const, 'later' as const, 'refused' as const), { maxLength: 80 });

describe('work that waits on the phone', () => {
  it('is told in the order of each device, whatever the network does, and each of it done once', () => {
    fc.assert(
      fc.property(anyQueue, anyAnswers, (start, answers) => {
        let queue = start;
        const done: string[] = [];
        for (const answer of answers) {
          const task = nextTask(queue, MINH);
          if (!task) break;
          if (answer === 'done') done.push(task.id);
          queue = settled(queue, task.id, answer === 'refused' ? refusal : { kind: answer });
        }
        expect(new Set(done).size).toBe(done.length);
        for (const device of ['a', 'b', 'c'] as DeviceId[]) {
          const order = tasksOf(start, device).map(({ id }) => id);
          const told = done.filter((id) => order.includes(id));
          expect(told).toEqual(order.slice(0, told.length));
        }
        // Nothing is lost: what was not done is still there.
        expect([...done, ...queue.map(({ id }) => id)].sort()).toEqual(start.map(({ id }) => id).sort());
      }),
    );
  });

  it('comes to an end once the network is back and nothing is refused', () => {
    fc.assert(
      fc.property(anyQueue, (start) => {
        let queue = start;
        for (let task = nextTask(queue, MINH); task; task = nextTask(queue, MINH))
          queue = settled(queue, task.id, { kind: 'done' });
        expect(queue).toEqual([]);
      }),
    );
  });

  it('of a device whose claim was refused waits for a person; other devices go on', () => {
    const first = aTask('a', claim);
    let queue: FieldQueue = [first, aTask('a', place), aTask('b', claim)];
    queue = settled(queue, first.id, refusal);
    expect(nextTask(queue, MINH)?.deviceId).toBe('b');
    queue = settled(queue, nextTask(queue, MINH)?.id ?? '', { kind: 'done' });
    expect(nextTask(queue, MINH)).toBeNull();
    expect(kinds(queue)).toEqual(['a claim', 'a place']);
  });

  it('is tried again as a new request when a person says so', () => {
    const first = aTask('a', claim);
    const queue = retried(settled([first], first.id, refusal), first.id, 'again');
    expect(nextTask(queue, MINH)).toEqual({ ...first, id: 'again' });
  });

  it('goes with the claim that is given up; else only itself', () => {
    const queue = [aTask('a', claim), aTask('a', place), aTask('a', photo), aTask('b', claim)];
    expect(kinds(givenUp(queue, queue[0]?.id ?? ''))).toEqual(['b claim']);
    expect(kinds(givenUp(queue, queue[1]?.id ?? ''))).toEqual(['a claim', 'a photo', 'b claim']);
  });

  it('keeps its place when a person corrects it', () => {
    const queue = [aTask('a', claim), aTask('a', place), aTask('a', photo)].reduce(withTask, [] as FieldQueue);
    const corrected = aTask('a', { ...place, pointId: 'other' as PointId });
    expect(kinds(withTask(queue, corrected))).toEqual(['a claim', 'a place', 'a photo']);
    expect(withTask(queue, corrected)[1]).toBe(corrected);
  });

  it('is told in nobody else’s name', () => {
    const queue = [aTask('a', claim, 'lan' as UserId), aTask('a', place), aTask('b', claim)];
    expect(nextTask(queue, MINH)?.deviceId).toBe('b');
  });

  it.each([
    [0, 'UNREACHABLE', 'later'],
    [401, 'NOT_SIGNED_IN', 'later'],
    [403, 'CSRF_REFUSED', 'later'],
    [403, 'NOT_PERMITTED', 'refused'],
    [409, 'IDEMPOTENCY_KEY_IN_USE', 'later'],
    [409, 'CLAIM_USED', 'refused'],
    [404, 'NOT_FOUND', 'refused'],
    [429, 'TOO_MANY_REQUESTS', 'later'],
    [503, 'STOPPING', 'later'],
  ])('after %i %s: %s', (status, code, expected) => {
    expect(outcomeOf({ status, code, text: null }).kind).toBe(expected);
  });
});
