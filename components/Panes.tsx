/** List, tree and detail, laid out after the width there is: beside each other, detail below, or one behind the other. */
import { type CSSProperties, type ReactNode, useEffect, useRef, useState } from 'react';
import { shownSpan, shownTrace } from '../lib/panel/chosen.ts';
import { useActions, usePanelData } from '../lib/panel/use-panel.ts';
import { SpanDetail } from './detail/SpanDetail.tsx';
import { focusDetail, focusList, focusTree } from './focus-areas.ts';
import { Splitter } from './Splitter.tsx';
import { ListPane } from './trace-list/ListPane.tsx';
import { TreePane } from './trace-tree/TreePane.tsx';
import { useSize } from './use-size.ts';

/** px of width from which a layout fits */
const MEDIUM = 560;
const WIDE = 960;
/** px no pane gets smaller than, and what is left to the tree */
const LEAST = { list: 130, detail: 120, tree: 160 };

export interface PanesProps {
  onNarrow(narrow: boolean): void;
  /** stands where tree and detail would, while there is no trace to show */ instead: ReactNode;
}

export function Panes({ onNarrow, instead }: PanesProps) {
  const panes = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(panes);
  const actions = useActions();
  const listInFront = usePanelData((data) => data.listInFront);
  const trace = usePanelData(shownTrace);
  const span = usePanelData((data) => shownSpan(shownTrace(data), data.spanId));
  const [list, setList] = useState<number>();
  const [side, setSide] = useState<number>();
  const [below, setBelow] = useState<number>();

  const layout = width >= WIDE ? 'wide' : width >= MEDIUM ? 'medium' : 'narrow';
  useEffect(() => onNarrow(layout === 'narrow'), [layout, onNarrow]);
  const isWide = layout === 'wide';
  const listSize = list ?? (isWide ? 250 : 180);
  const detailSize = isWide ? side ?? Math.round(width * 0.34) : below ?? Math.round(height * 0.56);
  const front = layout === 'narrow' && (listInFront || !trace) ? 'list' : 'tree';
  const backToList = (): void => {
    if (layout === 'narrow') actions.showList(true);
    setTimeout(focusList); // after the list is on the page again
  };
  return (
    <main ref={panes} className="panes" data-layout={layout} data-front={front} style={{ '--list-size': `${listSize}px`, '--detail-size': `${detailSize}px` } as CSSProperties}>
      {width > 0 && (layout !== 'narrow' || front === 'list') && <section className="pane pane-list" aria-label="Traces">{!trace && layout === 'narrow' && instead}<ListPane onEnter={() => { actions.showList(false); setTimeout(focusTree); }} /></section>}
      {layout !== 'narrow' && <Splitter className="splitter-list" label="Width of the list" orientation="vertical" sizes="before" size={listSize} least={LEAST.list} most={width - LEAST.tree - (isWide ? detailSize : 0)} onSize={setList} />}
      {!trace && layout !== 'narrow' && <section className="pane pane-state" aria-label="State">{instead}</section>}
      {trace && front === 'tree' && width > 0 && (
        <>
          <section className="pane" aria-label="Spans"><TreePane trace={trace} chosen={span?.spanId} onEnter={focusDetail} onLeave={backToList} /></section>
          <Splitter className="splitter-detail" label="Size of the detail" orientation={isWide ? 'vertical' : 'horizontal'} sizes="after" size={detailSize} least={LEAST.detail} most={isWide ? width - listSize - LEAST.tree : height - 80} onSize={isWide ? setSide : setBelow} />
          <section className="pane" aria-label="Detail">{span && <SpanDetail span={span} trace={trace} onLeave={focusTree} />}</section>
        </>
      )}
    </main>
  );
}
