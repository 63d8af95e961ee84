/**
 * What a running router says of itself, read with care: it may be older or newer than this command, so that anything
 * may be missing, and what is there and not known is passed over. Nothing here throws on an answer.
 */
import { z } from 'zod';
import type { AdminClient } from './admin-client.ts';

const count = z.number().catch(0);
const text = z.string().nullish().catch(null);
const names = z.array(z.string()).catch([]);

const issue = z.object({
  severity: z.string(),
  file: z.string(),
  line: z.number(),
  column: z.number(),
  message: z.string(),
});

const configSchema = z.object({
  revision: z.string().nullable(),
  from_state: z.boolean().catch(false),
  last_reload: z
    .object({
      result: z.string(),
      time: z.string(),
      issues: z.array(issue).catch([]),
      text: z.string().catch(''),
    })
    .nullable()
    .catch(null),
  legacy_only: z
    .object({ everything: z.boolean(), features: names, routes: names, spared: names })
    .nullable()
    .catch(null),
});

const routeSchema = z.looseObject({
  name: z.string(),
  line: count,
  feature: text,
  stage: text,
  side: text,
  reason: text,
});

const endpointSchema = z.looseObject({
  address: z.string().catch('?'),
  state: z.string().catch('?'),
  why: text,
});

const backendSchema = z.looseObject({
  name: z.string(),
  urls: names,
  in_flight: count,
  waiting: count,
  endpoints: z.array(endpointSchema).catch([]),
  open: z.object({ requests: count, streams: count, upgrades: count }).nullish().catch(null),
  feature: z
    .looseObject({
      stage: text,
      share: z.number().nullish().catch(null),
      answers_5m: z.object({ legacy: count, feature: count }).nullish().catch(null),
      writes: z.number().nullish().catch(null),
      writes_since: text,
    })
    .nullish()
    .catch(null),
});

const rollbackSchema = z.looseObject({
  feature: z.string(),
  says: text,
  rolled_back: z.looseObject({ since: text, until: text, why: text, ends: text }).nullish().catch(null),
});

const shadowSchema = z.looseObject({
  feature: z.string(),
  verdict: text,
  says: text,
  compared: count,
  routes: z.array(z.looseObject({ route: z.string(), says: text, compared: count })).catch([]),
});

/** `/api/config`. */
export type ConfigState = z.output<typeof configSchema>;
/** One of `/api/routes`. */
export type RouteState = z.output<typeof routeSchema>;
/** One of `/api/backends`. */
export type BackendState = z.output<typeof backendSchema>;

/** How auto_rollback judges a feature that has it: one of `auto_rollback` of `/api/routes`. */
export type RollbackState = z.output<typeof rollbackSchema>;

/** What was compared of a feature: one of `shadow` of `/api/routes`. */
export type ShadowSummaryState = z.output<typeof shadowSchema>;

/** All three together. */
export interface RouterState {
  readonly config: ConfigState;
  readonly routes: readonly RouteState[];
  readonly backends: readonly BackendState[];
  readonly rollbacks: readonly RollbackState[];
  readonly shadows: readonly ShadowSummaryState[];
}

/** `/api/config`; null when no router answers. */
export async function readConfig(client: AdminClient): Promise<ConfigState | null> {
  return configSchema.safeParse(await client.ask('/api/config')).data ?? null;
}

/** Everything; null when no router answers. */
export async function readRouter(client: AdminClient): Promise<RouterState | null> {
  const [config, routes, backends] = await Promise.all([
    readConfig(client),
    client.ask('/api/routes'),
    client.ask('/api/backends'),
  ]);
  if (config === null) return null;
  return {
    config,
    routes: listIn(routes, 'routes', routeSchema),
    backends: listIn(backends, 'backends', backendSchema),
    rollbacks: listIn(routes, 'auto_rollback', rollbackSchema),
    shadows: listIn(routes, 'shadow', shadowSchema),
  };
}

/** Those of a list that can be read. */
function listIn<Item extends z.ZodType>(page: unknown, key: string, item: Item): z.output<Item>[] {
  const list = (page as Record<string, unknown> | null)?.[key];
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry) => {
    const read = item.safeParse(entry);
    return read.success ? [read.data] : [];
  });
}
