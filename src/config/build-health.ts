import type { BreakerLimits, HealthCheck } from '../model/route-table.ts';
import { DEFAULT_BREAKER, DEFAULT_HEALTH } from './defaults.ts';
import type { BreakerFile, HealthFile } from './schema/health-schema.ts';

/** From what was written to what is complete: how endpoints are watched. The rules have passed before. */

/** Active checks; null: none. */
export function buildHealth(file: HealthFile | false | undefined): HealthCheck | null {
  if (file === undefined || file === false) return null;
  return {
    path: file.path ?? DEFAULT_HEALTH.path,
    intervalMs: file.interval ?? DEFAULT_HEALTH.intervalMs,
    timeoutMs: file.timeout ?? DEFAULT_HEALTH.timeoutMs,
    healthyAfter: file.healthy_after ?? DEFAULT_HEALTH.healthyAfter,
    unhealthyAfter: file.unhealthy_after ?? DEFAULT_HEALTH.unhealthyAfter,
    expect: file.expect === undefined ? DEFAULT_HEALTH.expect : rangesOf(file.expect),
  };
}

/** Ranges of statuses, as written: `200-399`, `200, 204`, 204, or a list of such. */
export function rangesOf(written: NonNullable<HealthFile['expect']>): [from: number, to: number][] {
  return [written]
    .flat()
    .flatMap((entry) => String(entry).split(','))
    .map((range) => {
      const [from, to = from] = range.trim().split('-');
      return [Number(from), Number(to)];
    });
}

/** A breaker's limits; null: none. Without a word about it a feature has one and legacy has not. */
export function buildBreaker(file: BreakerFile | undefined, isFeature: boolean): BreakerLimits | null {
  if (file === undefined ? !isFeature : file === false) return null;
  const given = typeof file === 'object' ? file : {};
  return {
    failures: given.failures ?? DEFAULT_BREAKER.failures,
    cooldownMs: given.cooldown ?? DEFAULT_BREAKER.cooldownMs,
  };
}
