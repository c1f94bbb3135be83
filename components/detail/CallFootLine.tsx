/** Finish, model asked and answered, parameters, request id: the small print of a call. */
import type { ModelCall } from '../../lib/model/call.ts';

const SHOWN = 8;

export function CallFootLine({ call }: { call: ModelCall }) {
  const parameters = Object.entries(call.parameters).filter(([, value]) => value !== null && typeof value !== 'object').slice(0, SHOWN);
  const { modelAsked, modelAnswered } = call;
  return (
    <div className="foot-line" data-testid="call-foot">
      {call.finish && <span>finish <b>{call.finish.raw}</b></span>}
      {modelAsked !== undefined && <span title="model asked → answered">{modelAsked}{modelAnswered !== undefined && modelAnswered !== modelAsked && <> → <b>{modelAnswered}</b></>}</span>}
      {parameters.map(([name, value]) => <span key={name}>{name} {String(value)}</span>)}
      {call.requestId !== undefined && <span title="request id">{call.requestId}</span>}
    </div>
  );
}
