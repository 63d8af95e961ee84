/**
 * How the values of one series in several processes become one. Counters and histograms are summed, always. A gauge
 * says something else each time, so each has its rule here: what someone who asks for the router's value expects.
 */

/** `sum`, `max`, `min` over the workers; `primary`: the primary alone knows; `given`: worked out elsewhere. */
export type GaugeRule = 'sum' | 'max' | 'min' | 'primary' | 'given';

/** The rules of single gauges, by name. */
export const RULES: Readonly<Record<string, GaugeRule>> = {
  banyan_requests_in_flight: 'sum',
  banyan_upgrades_active: 'sum',
  banyan_migrated_requests_ratio: 'given',
  banyan_backend_info: 'max',
  banyan_build_info: 'primary',
  banyan_config_info: 'primary',
  banyan_config_last_reload_successful: 'primary',
  banyan_config_last_reload_success_timestamp_seconds: 'primary',
  banyan_feature_info: 'primary',
  banyan_feature_share_ratio: 'primary',
  banyan_feature_rolled_back: 'primary',
  banyan_legacy_only: 'primary',
  banyan_route_info: 'primary',
  banyan_route_legacy_last_request_timestamp_seconds: 'max',
  banyan_workers: 'primary',
  banyan_worker_connections: 'primary',
  banyan_tls_certificate_not_after_seconds: 'primary',
  banyan_tls_certificates_current: 'primary',
  process_start_time_seconds: 'primary',
  process_max_fds: 'min',
  nodejs_version_info: 'primary',
};

/** The loop that lags most is the one that somebody waits for. */
const LAG = /^nodejs_eventloop_lag_/;
/** Memory, handles, descriptors of all processes together. */
const OF_A_PROCESS = /^(process|nodejs)_/;

/**
 * The rule of one series. An endpoint is as available as the worker says that has the most trouble with it: so the
 * least of `available`, the most of every other state. A gauge without a rule shows its largest value.
 */
export function gaugeRule(name: string, labels: string): GaugeRule {
  if (name === 'banyan_backend_endpoints') return labels.includes('state="available"') ? 'min' : 'max';
  const rule = RULES[name];
  if (rule !== undefined) return rule;
  if (LAG.test(name)) return 'max';
  return OF_A_PROCESS.test(name) ? 'sum' : 'max';
}
