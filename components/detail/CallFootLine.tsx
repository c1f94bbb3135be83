/** Finish, model asked and answered, parameters, request id: the small print of a call. */
import type { ModelCall } from '../../lib/model/call.ts';
import { shortName } from '../../lib/panel/format.ts';

const SHOWN = 8;

export function CallFootLine({ call }: { call: ModelCall }) {
  const parameters = Object.entries(call.parameters).filter(([, value]) => value !== null && typeof value !== 'object').slice(0, SHOWN);
  const { modelAsked, modelAnswered } = call;
  return (
    <div className="foot-line" data-testid="call-foot">
      {call.finish && <span>finish <b>{shortName(call.finish.raw)}</b></span>}
      {modelAsked !== undefined && <span title="model asked → answered">{shortName(modelAsked)}{modelAnswered !== undefined && modelAnswered !== modelAsked && <> → <b>{shortName(modelAnswered)}</b></>}</span>}
      {parameters.map(([name, value]) => <span key={name}>{shortName(`${name} ${String(value)}`)}</span>)}
      {call.requestId !== undefined && <span title="request id">{shortName(call.requestId)}</span>}
    </div>
  );
}
