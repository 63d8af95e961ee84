import type { LoadFigures } from '../support/load.ts';

/** What became of a load, in the order of the page: answered 2xx, answered otherwise, lost, closed while idle. */
export function loadText({ byStatus, lost, idleClosed, refused }: LoadFigures): string {
  const good = goodIn(byStatus);
  const others = Object.entries(byStatus).filter(([status]) => !isGood(status));
  return [
    `${grouped(good)} × 2xx`,
    others.length === 0
      ? '0 × 5xx'
      : others.map(([status, count]) => `${grouped(count)} × ${status}`).join(', '),
    `${grouped(lost.length)} lost`,
    ...(idleClosed > 0 ? [`${grouped(idleClosed)} closed while idle`] : []),
    ...(refused > 0 ? [`${grouped(refused)} refused`] : []),
  ].join(', ');
}

/** Answers that were not 2xx, and requests without a whole answer. */
export function failedIn({ byStatus, answered, lost }: LoadFigures): number {
  return answered - goodIn(byStatus) + lost.length;
}

function goodIn(byStatus: Readonly<Record<string, number>>): number {
  return Object.entries(byStatus).reduce((sum, [status, count]) => sum + (isGood(status) ? count : 0), 0);
}

function isGood(status: string): boolean {
  return status.startsWith('2');
}

/** `12 345`. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
}
