import { escapeLabel, type MetricFamily } from './exposition.ts';
import type { Histogram } from './histogram.ts';
import {
  attemptLabels,
  decisionLabels,
  eitherLabels,
  fallbackLabels,
  METHOD_LABELS,
  skipLabels,
} from './metric-labels.ts';
import { type BackendSeries, type RouteSeries, requestOf } from './route-series.ts';
import type { Tally } from './tally.ts';

/** The metrics that are kept per route, and how each is written. `bounds` are the histograms', in seconds. */
export function routeFamilies(bounds: readonly number[]): readonly MetricFamily<RouteSeries>[] {
  const boundLabels = [...bounds.map(String), '+Inf'];
  return [
    ...requestFamilies(boundLabels),
    ...backendFamilies(boundLabels),
    ...decisionFamilies(),
    ...otherSideFamilies(),
  ];
}

function requestFamilies(bounds: readonly string[]): readonly MetricFamily<RouteSeries>[] {
  return [
    {
      name: 'banyan_requests_total',
      type: 'counter',
      help: 'Requests as the client saw them: by route, by whose answer it got, and by exact status code.',
      lines: perBackend((name, labels, series) => tallyLines(name, labels, series.requests, requestLabels)),
    },
    {
      name: 'banyan_request_duration_seconds',
      type: 'histogram',
      help: 'First byte of a request read to last byte of its answer written; without upgrades and event streams.',
      lines: perBackend((name, labels, series) => histogramLines(name, labels, series.duration, bounds)),
    },
    {
      name: 'banyan_requests_in_flight',
      type: 'gauge',
      help: 'Requests that are being answered, by the backend that was decided on.',
      lines: perBackend((name, labels, series) => `${name}{${labels}} ${series.inFlight}\n`),
    },
    {
      name: 'banyan_upgrades_active',
      type: 'gauge',
      help: 'Open upgraded connections (WebSocket and others).',
      lines: perBackend((name, labels, series) => `${name}{${labels}} ${series.upgrades}\n`),
    },
    {
      name: 'banyan_request_bytes_total',
      type: 'counter',
      help: 'Bytes of request bodies, and of upgraded connections from the client.',
      lines: perBackend((name, labels, series) => `${name}{${labels}} ${series.bytesIn}\n`),
    },
    {
      name: 'banyan_response_bytes_total',
      type: 'counter',
      help: 'Bytes of answer bodies, and of upgraded connections to the client.',
      lines: perBackend((name, labels, series) => `${name}{${labels}} ${series.bytesOut}\n`),
    },
    {
      name: 'banyan_client_disconnects_total',
      type: 'counter',
      help: 'Requests whose client left before the end of its answer.',
      lines: perRoute((name, labels, series) => `${name}{${labels}} ${series.clientDisconnects}\n`),
    },
  ];
}

function backendFamilies(bounds: readonly string[]): readonly MetricFamily<RouteSeries>[] {
  return [
    {
      name: 'banyan_backend_attempts_total',
      type: 'counter',
      help: 'Sendings of requests to endpoints, by purpose and by class of the answer or failure.',
      lines: perBackend((name, labels, series) => tallyLines(name, labels, series.attempts, attemptLabels)),
    },
    {
      name: 'banyan_backend_duration_seconds',
      type: 'histogram',
      help: 'Request sent to head of the answer, per attempt.',
      lines: perBackend((name, labels, series) => histogramLines(name, labels, series.headTime, bounds)),
    },
  ];
}

function otherSideFamilies(): readonly MetricFamily<RouteSeries>[] {
  return [
    {
      name: 'banyan_fallbacks_total',
      type: 'counter',
      help: 'Requests that legacy was asked for because the feature could not answer, by what it could not.',
      lines: perRoute((name, labels, series) => tallyLines(name, labels, series.fallbacks, fallbackLabels)),
    },
    {
      name: 'banyan_fallbacks_skipped_total',
      type: 'counter',
      help: 'Requests that legacy was not asked for though the feature could not answer, by why not.',
      lines: perRoute((name, labels, series) =>
        tallyLines(name, labels, series.fallbacksSkipped, skipLabels),
      ),
    },
    {
      name: 'banyan_either_total',
      type: 'counter',
      help: 'A 404 of one side that was asked on the other: found, not_found there too, or the other side failed.',
      lines: perRoute((name, labels, series) => tallyLines(name, labels, series.either, eitherLabels)),
    },
  ];
}

function decisionFamilies(): readonly MetricFamily<RouteSeries>[] {
  return [
    {
      name: 'banyan_decisions_total',
      type: 'counter',
      help: 'Decisions which side answers, and why. Redirect and respond count none.',
      lines: perRoute((name, labels, series) => tallyLines(name, labels, series.decisions, decisionLabels)),
    },
    {
      name: 'banyan_route_info',
      type: 'gauge',
      help: '1 for each route of the table in force, with the feature that it goes to (empty: none).',
      lines: perRoute((name, labels, series) =>
        series.isCurrent ? `${name}{${labels},feature="${escapeLabel(series.feature)}"} 1\n` : '',
      ),
    },
    {
      name: 'banyan_route_legacy_last_request_timestamp_seconds',
      type: 'gauge',
      help: 'When a request of the route last went to legacy; absent until the first does.',
      lines: perRoute((name, labels, series) =>
        series.legacyLastMs === null ? '' : `${name}{${labels}} ${series.legacyLastMs / 1000}\n`,
      ),
    },
  ];
}

type LinesOf<Series> = (name: string, labels: string, series: Series) => string;

function perRoute(lines: LinesOf<RouteSeries>): MetricFamily<RouteSeries>['lines'] {
  return (name, series) => lines(name, `route="${escapeLabel(series.route)}"`, series);
}

function perBackend(lines: LinesOf<BackendSeries>): MetricFamily<RouteSeries>['lines'] {
  return (name, series) => {
    const route = `route="${escapeLabel(series.route)}",backend="`;
    let text = '';
    for (const backend of series.backends) {
      text += lines(name, `${route}${escapeLabel(backend.backend)}"`, backend);
    }
    return text;
  };
}

function requestLabels(key: number): string {
  const { method, code } = requestOf(key);
  return `method="${METHOD_LABELS[method]}",code="${code}"`;
}

function tallyLines(name: string, labels: string, tally: Tally, labelsOf: (key: number) => string): string {
  let text = '';
  for (let i = 0; i < tally.keys.length; i++) {
    text += `${name}{${labels},${labelsOf(tally.keys[i] as number)}} ${tally.counts[i]}\n`;
  }
  return text;
}

/** The lines of one histogram; none before its first use. */
export function histogramLines(
  name: string,
  labels: string,
  histogram: Histogram | null,
  bounds: readonly string[],
): string {
  if (histogram === null) return '';
  const start = `${name}_bucket{${labels},le="`;
  let total = 0;
  let text = '';
  for (let i = 0; i < bounds.length; i++) {
    total += histogram.counts[i] as number;
    text += `${start}${bounds[i]}"} ${total}\n`;
  }
  return `${text}${name}_sum{${labels}} ${histogram.sumSeconds}\n${name}_count{${labels}} ${total}\n`;
}
