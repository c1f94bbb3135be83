/** What threads of the browser did, task by task, as the browser's own trace tells it. */
import type { Browser } from 'puppeteer-core';

/** Times in ms. `cpu`: what of `ms` the thread really ran; the rest it waited for a core. */
export interface Task { pid: number; tid: number; at: number; ms: number; cpu: number; /** `cpu` is `ms`: the trace does not tell */ untold: boolean }
/** `performance.mark` of a page or worker. */
export interface TraceMark { name: string; pid: number; tid: number; at: number }
export interface Traced { tasks: Task[]; marks: TraceMark[]; /** by `pid/tid` */ threads: Map<string, string> }

interface TraceEvent { name: string; cat: string; pid: number; tid: number; ts: number; dur?: number; tdur?: number; args?: { name?: string } }

const TASK = 'ThreadControllerImpl::RunTask';

/** Traces all processes while `job` runs. */
export async function traced(browser: Browser, job: () => Promise<void>): Promise<Traced> {
  const cdp = await browser.target().createCDPSession();
  const all: Traced = { tasks: [], marks: [], threads: new Map() };
  cdp.on('Tracing.dataCollected', ({ value }) => {
    for (const { name, cat, pid, tid, ts, dur, tdur, args } of value as unknown as TraceEvent[]) {
      if (name === TASK && dur !== undefined) {
        // Of some that took about a microsecond it is not told.
        all.tasks.push({ pid, tid, at: ts / 1000, ms: dur / 1000, cpu: (tdur ?? dur) / 1000, untold: tdur === undefined });
      } else if (name === 'thread_name') all.threads.set(`${pid}/${tid}`, args?.name ?? '');
      else if (cat.includes('user_timing')) all.marks.push({ name, pid, tid, at: ts / 1000 });
    }
  });
  await cdp.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { recordMode: 'recordUntilFull', traceBufferSizeInKb: 512 * 1024, includedCategories: ['toplevel', 'blink.user_timing'], excludedCategories: ['*'] } });
  try {
    await job();
    const complete = new Promise<{ dataLossOccurred: boolean }>((resolve) => { cdp.once('Tracing.tracingComplete', resolve); });
    await cdp.send('Tracing.end');
    if ((await complete).dataLossOccurred) throw new Error('the trace is not whole');
  } finally {
    await cdp.detach();
  }
  return all;
}

/** Tasks of the thread that set both marks, between them. */
export function tasksBetween({ tasks, marks }: Traced, from: string, to: string): Task[] {
  const [first, last] = [from, to].map((name) => marks.find((mark) => mark.name === name));
  if (!first || !last) throw new Error(`no mark ${from} or ${to} in the trace`);
  const between = tasks.filter(({ pid, tid, at, ms }) => pid === first.pid && tid === first.tid && at + ms > first.at && at < last.at);
  const sum = (some: readonly Task[]): number => some.reduce((total, { ms }) => total + ms, 0);
  if (between.length === 0 || sum(between.filter(({ untold }) => untold)) > sum(between) / 100) throw new Error('the trace tells of no tasks, or not what of them was CPU');
  return between;
}
