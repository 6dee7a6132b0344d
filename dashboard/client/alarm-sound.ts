import type { UserId } from '../../domain/identifiers.ts';
import { SEVERITIES, type Severity } from '../../domain/rule.ts';
import { DEFAULT_REMINDERS } from '../state/alarm-reminder.ts';

interface Tone {
  readonly hertz: number;
  /** Seconds from the start of the call. */
  readonly at: number;
  readonly seconds: number;
}

/** One call per severity: the worse, the longer and the more urgent; a notice is a single soft tone. */
const CALLS: Readonly<Record<Severity, readonly Tone[]>> = {
  critical: [0, 0.28, 0.56, 1.0, 1.28, 1.56].map((at, i) => ({ hertz: i % 3 === 1 ? 740 : 988, at, seconds: 0.2 })),
  major: [0, 0.3, 0.6].map((at) => ({ hertz: 784, at, seconds: 0.2 })),
  minor: [0, 0.3].map((at) => ({ hertz: 587, at, seconds: 0.18 })),
  notice: [{ hertz: 494, at: 0, seconds: 0.16 }],
};
const LOUDNESS: Readonly<Record<Severity, number>> = { critical: 0.28, major: 0.2, minor: 0.14, notice: 0.08 };

const KEPT_AS = 'hd.sound.';
/** At most one call in this time: a burst is told once, by its worst. */
const BETWEEN_CALLS_MS = 2_500;
/** A browser on a busy machine may take many seconds to open its audio device; a call that waited longer than this is old news. */
const WAITS_MS = 30_000;
/** Longest mute: a shift. Nobody comes on duty to a screen that was silenced for ever. */
const MUTE_AT_MOST_MS = 12 * 3_600_000;

/** What a person has chosen on this machine, and whether the browser plays along. A value: every change makes a new one. */
export interface SoundState {
  /** Silent until this moment of the screen's clock; `null`: not. */
  readonly mutedUntil: number | null;
  /** After so many milliseconds unacknowledged alarms are called again; 0: never. */
  readonly reminders: Readonly<Record<Severity, number>>;
  /** The browser lets the page sound only once it has been touched, or has no device to sound on. */
  readonly isBlocked: boolean;
}

function kept(key: string): Pick<SoundState, 'mutedUntil' | 'reminders'> {
  const chosen = { mutedUntil: null as number | null, reminders: { ...DEFAULT_REMINDERS } };
  try {
    const found = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<SoundState>;
    const { mutedUntil, reminders } = found;
    if (typeof mutedUntil === 'number' && mutedUntil > Date.now() && mutedUntil <= Date.now() + MUTE_AT_MOST_MS)
      chosen.mutedUntil = mutedUntil;
    for (const severity of SEVERITIES) {
      const interval = reminders?.[severity];
      if (typeof interval === 'number' && interval >= 0) chosen.reminders[severity] = interval;
    }
  } catch {
    // Nothing readable was chosen.
  }
  return chosen;
}

/** Calls for new alarms, made by the browser itself; nothing sounds before the person has touched the page, as browsers demand. */
export function createAlarmSound() {
  let context: AudioContext | null = null;
  let key = KEPT_AS;
  let state: SoundState = { ...kept(key), isBlocked: true };
  let lastCallAt = Number.NEGATIVE_INFINITY;
  let muteEnds: ReturnType<typeof setTimeout> | undefined;
  const listeners = new Set<() => void>();

  function change(next: Partial<SoundState>): void {
    state = { ...state, ...next };
    clearTimeout(muteEnds);
    if (state.mutedUntil !== null)
      muteEnds = setTimeout(() => change({ mutedUntil: null }), Math.max(0, state.mutedUntil - Date.now()));
    for (const listener of listeners) listener();
  }
  function choose(next: Partial<SoundState>): void {
    change(next);
    try {
      localStorage.setItem(key, JSON.stringify({ mutedUntil: state.mutedUntil, reminders: state.reminders }));
    } catch {
      // The choice lasts as long as the page.
    }
  }
  function unlock(): void {
    if (context === null) {
      context = new AudioContext();
      const opened = context;
      opened.addEventListener('statechange', () => change({ isBlocked: opened.state !== 'running' }));
    }
    void context.resume().then(
      () => change({ isBlocked: false }),
      () => {
        // No audio device: it stays said that nothing sounds.
      },
    );
  }
  // After the click that the touch may be part of: what is said of sound must not move under the pointer.
  addEventListener('pointerup', () => setTimeout(unlock), { once: true });
  addEventListener('keydown', unlock, { once: true });

  function sound(audio: AudioContext, severity: Severity): void {
    const now = performance.now();
    if (state.mutedUntil !== null || now - lastCallAt < BETWEEN_CALLS_MS) return;
    lastCallAt = now;
    const start = audio.currentTime + 0.02;
    for (const { hertz, at, seconds } of CALLS[severity]) {
      const oscillator = new OscillatorNode(audio, { type: 'triangle', frequency: hertz });
      const gain = new GainNode(audio, { gain: 0 });
      gain.gain.setValueAtTime(0, start + at);
      gain.gain.linearRampToValueAtTime(LOUDNESS[severity], start + at + 0.02);
      gain.gain.linearRampToValueAtTime(0, start + at + seconds);
      oscillator.connect(gain).connect(audio.destination);
      oscillator.start(start + at);
      oscillator.stop(start + at + seconds + 0.05);
    }
  }

  return {
    get: (): SoundState => state,
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** Takes up what this person has chosen on this machine. */
    of(person: UserId): void {
      key = KEPT_AS + person;
      change(kept(key));
    },
    /** Silent for so long, 12 hours at the most; 0: sounds again. */
    muteFor(milliseconds: number): void {
      choose({ mutedUntil: milliseconds === 0 ? null : Date.now() + Math.min(milliseconds, MUTE_AT_MOST_MS) });
    },
    remindAfter(severity: Severity, milliseconds: number): void {
      choose({ reminders: { ...state.reminders, [severity]: milliseconds } });
    },
    /** Sounds one severity's call, so that people know it. */
    tryOut(severity: Severity): void {
      lastCallAt = Number.NEGATIVE_INFINITY;
      this.call([severity]);
    },
    /**
     * Sounds the worst of `severities`, unless muted or a call was sounded a moment ago. A call that comes while the
     * browser is still opening its audio device is sounded when it has.
     */
    call(severities: readonly Severity[]): void {
      const worst = SEVERITIES.find((severity) => severities.includes(severity));
      if (worst === undefined || context === null) return;
      if (context.state === 'running') {
        sound(context, worst);
        return;
      }
      const cameAt = performance.now();
      const opened = context;
      opened.resume().then(
        () => {
          if (performance.now() - cameAt <= WAITS_MS) sound(opened, worst);
        },
        () => {
          // No audio device: the list, the title and the screen reader still tell of the alarm.
        },
      );
    },
  };
}
export const alarmSound = createAlarmSound();
