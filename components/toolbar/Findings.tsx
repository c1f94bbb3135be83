/** What failed or looks wrong, named before anything is clicked; a click goes there. */
import type { Finding } from '../../lib/panel/findings.ts';

const MARK: Record<Finding['severity'], string> = { error: '▲', warning: '▲', note: '•' };

export function Findings({ findings, onChoose }: { findings: readonly Finding[]; onChoose(spanId: string): void }) {
  const worst = findings[0];
  if (!worst) return null;
  const total = findings.reduce((sum, finding) => sum + finding.count, 0);
  return (
    <div className="findings" role="status" data-testid="findings" data-severity={worst.severity}>
      <span className="findings-count">{MARK[worst.severity]}{total > 1 ? ` ${total} findings` : ''}</span>
      {findings.slice(0, 20).map((finding) => <button key={finding.spanId} type="button" className="finding" title={finding.text} onClick={() => onChoose(finding.spanId)}>{finding.text}{finding.count > 1 && <span className="dim"> × {finding.count}</span>}</button>)}
    </div>
  );
}
