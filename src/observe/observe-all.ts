import type { Observer } from '../model/ports.ts';

/**
 * One observer that tells several, in order: metrics and the access log side by side. Each is told only of what it
 * listens to: nearly every event is one of a request, and not all listen to all.
 */
export function observeAll(observers: readonly Partial<Observer>[]): Observer {
  const all: Fanout = {
    tableChanged: [],
    started: [],
    upgraded: [],
    attempted: [],
    finished: [],
    rejected: [],
  };
  for (const observer of observers) listen(all, observer);
  return {
    tableChanged: (table) => {
      for (const tell of all.tableChanged) tell(table);
    },
    started: (decision) => {
      for (const tell of all.started) tell(decision);
    },
    upgraded: (decision) => {
      for (const tell of all.upgraded) tell(decision);
    },
    attempted: (attempt) => {
      for (const tell of all.attempted) tell(attempt);
    },
    finished: (outcome) => {
      for (const tell of all.finished) tell(outcome);
    },
    rejected: (rejection) => {
      for (const tell of all.rejected) tell(rejection);
    },
  };
}

type Fanout = { readonly [Event in keyof Observer]: Observer[Event][] };

function listen(all: Fanout, observer: Partial<Observer>): void {
  const { tableChanged, started, upgraded, attempted, finished, rejected } = observer;
  if (tableChanged) all.tableChanged.push(tableChanged.bind(observer));
  if (started) all.started.push(started.bind(observer));
  if (upgraded) all.upgraded.push(upgraded.bind(observer));
  if (attempted) all.attempted.push(attempted.bind(observer));
  if (finished) all.finished.push(finished.bind(observer));
  if (rejected) all.rejected.push(rejected.bind(observer));
}
