/** First tab: what is wrong, the numbers, the words. */
import { isWire, type SpanRow } from '../../lib/model/span.ts';
import type { NumberCard } from '../../lib/panel/call-numbers.ts';
import { toolExchangeOf } from '../../lib/panel/conversation.ts';
import { findingOfSpan } from '../../lib/panel/findings.ts';
import { formatDuration } from '../../lib/panel/format.ts';
import type { Live } from '../../lib/panel/live.ts';
import type { Reading } from '../../lib/panel/reading.ts';
import type { Trace } from '../../lib/panel/open-trace.ts';
import type { WhyFailed as Why } from '../../lib/panel/failure-cause.ts';
import { CallFootLine } from './CallFootLine.tsx';
import { Messages } from './Messages.tsx';
import { NumberCards } from './NumberCards.tsx';
import { Retrieval } from './Retrieval.tsx';
import { ToolCallDetail } from './ToolCallDetail.tsx';
import { WhyFailed } from './WhyFailed.tsx';

export interface MessagesTabProps {
  span: SpanRow; trace: Trace; numbers: readonly NumberCard[];
  reading: Reading | undefined; followUp: Reading | undefined; live: Live | undefined; running: boolean;
  /** the call got no answer */ why: Why | undefined;
  onChoose(spanId: string): void;
  onCopy(text: string): void;
}

export function MessagesTab({ span, trace, numbers, reading, followUp, live, running, why, onChoose, onCopy }: MessagesTabProps) {
  const finding = findingOfSpan(span, trace.spans);
  const tools = trace.spans.filter((other) => other.kind === 'TOOL' && other.exchange === reading?.exchange.id);
  const toolLink = (index: number) => {
    const tool = tools.find((other) => other.toolIndex === index);
    return tool && <button type="button" className="link" title="Show the tool's span" onClick={() => onChoose(tool.spanId)}>{tool.endMs === undefined ? 'running' : formatDuration(tool.endMs - tool.startMs)} ›</button>;
  };
  return (
    <>
      <NumberCards cards={numbers} />
      {finding && <p className="trouble" data-testid="trouble" data-severity={finding.severity}>{emphasised(finding.text)}{span.statusMessage && !finding.text.includes(span.statusMessage) ? ` · ${span.statusMessage}` : ''}</p>}
      {why && <WhyFailed why={why} />}
      {reading && span.kind === 'TOOL' && <ToolCallDetail {...toolExchangeOf(reading.call, span.toolIndex ?? 0, followUp?.call)} onCopy={onCopy} />}
      {reading && isWire(span) && reading.call.operation !== 'chat' && <Retrieval call={reading.call} source={span.kind === 'RETRIEVER' ? followUp?.call : undefined} running={running} onCopy={onCopy} />}
      {reading && span.kind !== 'TOOL' && !(isWire(span) && reading.call.operation !== 'chat') && <Messages call={reading.call} live={live} running={running} toolLink={toolLink} onCopy={onCopy} whole={!isWire(span)} />}
      {reading && isWire(span) && <CallFootLine call={reading.call} />}
    </>
  );
}

/** "gpt-5-mini: 429, retried" with the name of the span in bold. */
function emphasised(text: string) {
  const colon = text.indexOf(': ');
  return <><b>{text.slice(0, colon)}</b> {text.slice(colon + 2)}</>;
}
