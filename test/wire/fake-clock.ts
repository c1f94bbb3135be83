/** Time that stands still until told to go; promises settle between two timers as they do in a browser. */
export interface FakeClock {
  now(): number;
  setTimer(call: () => void, ms: number): number;
  clearTimer(timer: number): void;
  /** Runs every timer that is due in the next `ms`, in order. */
  pass(ms: number): Promise<void>;
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function createClock(): FakeClock {
  let now = 0;
  let last = 0;
  const timers = new Map<number, { at: number; call: () => void }>();
  return {
    now: () => now,
    setTimer(call, ms) {
      timers.set(++last, { at: now + ms, call });
      return last;
    },
    clearTimer: (timer) => void timers.delete(timer),
    async pass(ms) {
      const until = now + ms;
      await settle();
      for (;;) {
        const due = [...timers].filter(([, { at }]) => at <= until).toSorted(([a, one], [b, other]) => one.at - other.at || a - b)[0];
        if (!due) break;
        timers.delete(due[0]);
        now = Math.max(now, due[1].at);
        due[1].call();
        await settle();
      }
      now = until;
    },
  };
}
