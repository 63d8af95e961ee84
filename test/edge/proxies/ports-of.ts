import type { Shop } from '../../faults/proxies/proxy.ts';

/** Both backends' ports, each having one endpoint, and how long they may be silent. */
export function portsOf({ legacy, feature, silenceMs = 1_000 }: Shop): {
  legacy: number;
  feature: number;
  seconds: number;
} {
  if ('name' in feature) throw new Error('no names here');
  return { legacy, feature: feature[0] as number, seconds: silenceMs / 1_000 };
}
