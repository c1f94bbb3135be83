/** Runs jobs one after the other. Those of one lane keep their order; lanes take turns, so that one with a thousand jobs
 *  waiting (a tab that floods) holds up each other by one. A job that fails fails alone. */
export function createSerial(): <T>(job: () => Promise<T>, lane?: unknown) => Promise<T> {
  /** lanes with jobs, the next one first */
  const waiting = new Map<unknown, Array<() => Promise<void>>>();
  let running = false;

  async function run(): Promise<void> {
    if (running) return;
    running = true;
    for (let [next] = waiting; next; [next] = waiting) {
      const [lane, jobs] = next;
      const job = jobs.shift();
      waiting.delete(lane);
      if (jobs.length > 0) waiting.set(lane, jobs);
      await job?.();
    }
    running = false;
  }

  return <T>(job: () => Promise<T>, lane?: unknown) => new Promise<T>((resolve, reject) => {
    const jobs = waiting.get(lane) ?? [];
    jobs.push(() => job().then(resolve, reject));
    waiting.set(lane, jobs);
    void run();
  });
}
