import type { Observer } from '../model/ports.ts';

/** One observer that tells several, in order: metrics and the access log side by side. */
export function observeAll(observers: readonly Observer[]): Observer {
  return {
    tableChanged: (table) => {
      for (const observer of observers) observer.tableChanged(table);
    },
    started: (decision) => {
      for (const observer of observers) observer.started(decision);
    },
    upgraded: (decision) => {
      for (const observer of observers) observer.upgraded(decision);
    },
    attempted: (attempt) => {
      for (const observer of observers) observer.attempted(attempt);
    },
    finished: (outcome) => {
      for (const observer of observers) observer.finished(outcome);
    },
    rejected: (rejection) => {
      for (const observer of observers) observer.rejected(rejection);
    },
  };
}
