import type { Rollback } from '../model/feature-counts.ts';

/** Something happened to a rollback. */
export type RollbackNews =
  | { readonly kind: 'rolled_back'; readonly rollback: Rollback }
  /** From before a restart: it still holds. */
  | { readonly kind: 'restored'; readonly rollback: Rollback }
  | { readonly kind: 'ended'; readonly rollback: Rollback; readonly by: 'edited' | 'time_is_up' };

/** A line for the log. */
export interface RollbackLine {
  readonly level: 'error' | 'warn';
  readonly fields: object;
  readonly message: string;
}

/** One change in plain words. */
export function rollbackLine(news: RollbackNews): RollbackLine {
  const { feature, why, since, until, count } = news.rollback;
  const fields = {
    feature,
    why,
    since: new Date(since).toISOString(),
    until: until === null ? null : new Date(until).toISOString(),
    count,
  };
  switch (news.kind) {
    case 'rolled_back':
      return {
        level: 'error',
        fields,
        message: `feature "${feature}" is rolled back, legacy answers: ${why}. ${howToEnd(news.rollback)}`,
      };
    case 'restored':
      return {
        level: 'error',
        fields,
        message: `feature "${feature}" is still rolled back, since ${fields.since}: ${why}. ${howToEnd(news.rollback)}`,
      };
    case 'ended':
      return {
        level: 'warn',
        fields,
        message: `feature "${feature}" is no longer rolled back: ${BY[news.by]}`,
      };
  }
}

const BY = { edited: 'its block in routes.yaml was edited', time_is_up: 'its time is up' } as const;

/** What ends a rollback, for those who read of it. */
function howToEnd({ feature, until }: Rollback): string {
  const edit = `Any edit of the block "${feature}" under features in routes.yaml ends it`;
  return until === null
    ? `${edit}.`
    : `It ends by itself at ${new Date(until).toISOString()}. ${edit} before.`;
}
