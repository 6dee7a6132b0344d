import { SEVERITIES, type Severity } from '../../domain/rule.ts';

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

const MUTED_AS = 'hd.muted';
/** At most one call in this time: a burst is told once, by its worst. */
const BETWEEN_CALLS_MS = 2_500;
/** A browser may take a moment to let a touched page sound; a call that waited longer than this is old news. */
const WAITS_MS = 5_000;

/** Calls for new alarms, made by the browser itself; nothing sounds before the person has touched the page, as browsers demand. */
export function createAlarmSound() {
  let context: AudioContext | null = null;
  let muted = readMuted();
  let lastCallAt = Number.NEGATIVE_INFINITY;
  const listeners = new Set<() => void>();

  function unlock(): void {
    context ??= new AudioContext();
    void context.resume();
  }
  addEventListener('pointerdown', unlock, { once: true });
  addEventListener('keydown', unlock, { once: true });

  function readMuted(): boolean {
    try {
      return localStorage.getItem(MUTED_AS) === 'true';
    } catch {
      return false;
    }
  }

  function sound(audio: AudioContext, severity: Severity): void {
    const now = performance.now();
    if (muted || now - lastCallAt < BETWEEN_CALLS_MS) return;
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
    isMuted: (): boolean => muted,
    setMuted(next: boolean): void {
      muted = next;
      try {
        localStorage.setItem(MUTED_AS, String(next));
      } catch {
        // The choice lasts as long as the page.
      }
      for (const listener of listeners) listener();
    },
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
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
