/** The numbers people look at first. */
import type { NumberCard } from '../../lib/panel/call-numbers.ts';

export function NumberCards({ cards }: { cards: readonly NumberCard[] }) {
  return <div className="facts">{cards.map((card) => <div key={card.id} className="fact" data-fact={card.id} title={card.title}><b className="number">{card.value}</b><span>{card.caption}</span></div>)}</div>;
}
