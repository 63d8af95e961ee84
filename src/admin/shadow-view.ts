import type {
  ComparisonCounts,
  MismatchSample,
  Readiness,
  RouteShadowStatus,
  ShadowStatus,
  TimesStatus,
} from '../model/shadow-report.ts';
import {
  acceptWords,
  fieldWords,
  ignoreBlock,
  readinessWords,
  shadowWords,
  timesWords,
} from '../model/shadow-words.ts';

/** How the comparisons of a feature stand, in short: for `/api/routes`. */
export function shadowSummary(status: ShadowStatus): object {
  const { feature, since, readiness, counts, times, routes } = status;
  return {
    feature,
    verdict: readiness.kind,
    says: shadowWords(status),
    since: isoTime(since),
    ...readinessView(readiness),
    counts: countsView(counts),
    times: timesView(times),
    routes: routes.map((route) => ({
      route: route.route,
      verdict: route.readiness.kind,
      says: readinessWords(route.readiness, route.fields),
      ...readinessView(route.readiness),
    })),
  };
}

/** `/api/shadow/:feature`: all of it, with fields, noise and samples. */
export function shadowView(status: ShadowStatus): object {
  const noise = status.routes.flatMap((route) => route.noise.filter(({ isLearnt }) => isLearnt));
  return {
    ...shadowSummary(status),
    noise_share: status.noiseShare,
    ignore_block: ignoreBlock(status.feature, noise),
    routes: status.routes.map(routeView),
  };
}

function routeView(status: RouteShadowStatus): object {
  const { route, readiness, counts, reasons, times, fields, noise, samples } = status;
  return {
    route,
    verdict: readiness.kind,
    says: readinessWords(readiness, fields),
    ...readinessView(readiness),
    counts: countsView(counts),
    reasons: reasons.map(([reason, count]) => ({ reason, count })),
    times: timesView(times),
    fields: fields.map((field) => ({
      field: field.field,
      kind: field.kind,
      count: field.count,
      says: fieldWords(field),
      accept: acceptWords(field),
      apart: field.apart,
      last: isoTime(field.lastAt),
      examples: field.examples,
    })),
    noise: {
      asked_twice: status.noisePairs,
      other_status: status.noiseUnsteady,
      fields: noise.map(({ field, kind, isLearnt, sightings, example }) => ({
        field,
        kind,
        learnt: isLearnt,
        sightings: Math.round(sightings * 100) / 100,
        example: { first: example.legacy, second: example.feature },
      })),
    },
    samples: samples.map(sampleView),
  };
}

function sampleView(sample: MismatchSample): object {
  return {
    time: isoTime(sample.time),
    request_id: sample.requestId,
    method: sample.method,
    path: sample.target,
    served_by: sample.servedBy,
    legacy_ms: rounded(sample.legacyMs),
    feature_ms: rounded(sample.featureMs),
    differences: sample.differences,
  };
}

function readinessView({ compared, same, lower, upper, match, min, missing }: Readiness): object {
  return {
    compared,
    same,
    match_ratio: compared === 0 ? null : same / compared,
    match_lower: lower,
    match_upper: upper,
    ready: { match, min },
    missing,
  };
}

function countsView({ match, noise, mismatch, notBuilt, skipped, error }: ComparisonCounts): object {
  return { match, noise, mismatch, not_built: notBuilt, skipped, error };
}

function timesView(times: TimesStatus): object {
  return {
    legacy_p50_ms: rounded(times.legacyP50),
    legacy_p95_ms: rounded(times.legacyP95),
    feature_p50_ms: rounded(times.featureP50),
    feature_p95_ms: rounded(times.featureP95),
    ratio: times.ratio === null ? null : Math.round(times.ratio * 100) / 100,
    says: timesWords(times),
  };
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 10) / 10;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
