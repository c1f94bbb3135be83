/** What failed or looks wrong, named before anything is clicked; a click goes there. */
import type { Finding } from '../../lib/panel/findings.ts';

const MARK: Record<Finding['severity'], string> = { error: '▲', warning: '▲', note: '•' };

export function Findings({ findings, onChoose }: { findings: readonly Finding[]; onChoose(spanId: string): void }) {
  const worst = findings[0];
  if (!worst) return null;
  return (
    <div className="findings" role="status" data-testid="findings" data-severity={worst.severity}>
      <span className="findings-count">{MARK[worst.severity]}{findings.length > 1 ? ` ${findings.length} findings` : ''}</span>
      {findings.slice(0, 20).map((finding) => <button key={finding.spanId} type="button" className="finding" title={finding.text} onClick={() => onChoose(finding.spanId)}>{finding.text}</button>)}
    </div>
  );
}
