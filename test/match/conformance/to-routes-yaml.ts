import { stringify } from 'yaml';
import type {
  GatewayField,
  GatewayFilter,
  GatewayMatch,
  GatewayRule,
  GatewaySuite,
} from './gateway-suite.ts';

/**
 * The routes of a Gateway API suite as the text of a routes.yaml. Each rule is a route, its matches the alternatives;
 * backends are features. What no rule takes goes to legacy, where a Gateway would answer 404.
 */
export function toRoutesYaml(suite: GatewaySuite): string {
  const rules = suite.routes.flatMap((route) => route.rules.map((rule) => ({ route, rule })));
  const backends = new Set(rules.flatMap(({ rule }) => rule.backends.map(({ name }) => name)));
  return stringify({
    legacy: 'http://legacy:8080',
    features: Object.fromEntries(
      [...backends].map((name) => [name, { url: `http://${name}:8080`, stage: 'live' }]),
    ),
    routes: rules.map(({ route, rule }, index) => ({
      name: `rule-${index}`,
      match: matchOf(rule, route.hostnames),
      to: rule.backends[0]?.name,
      ...Object.assign({}, ...rule.filters.map(filterOf)),
    })),
  });
}

function matchOf(rule: GatewayRule, hostnames: readonly string[]): object {
  const hosts = hostnames.length === 0 ? {} : { hosts: hostnames };
  // Gateway API: "If no matches are specified, the default is a prefix path match on "/"".
  if (rule.matches.length === 0) return { ...hosts, prefix: '/' };
  const [only, ...more] = rule.matches.map(conditionsOf);
  return more.length === 0 ? { ...hosts, ...only } : { ...hosts, any: rule.matches.map(conditionsOf) };
}

function conditionsOf({ path, method, headers, queryParams }: GatewayMatch): object {
  const where = path?.type === 'Exact' ? { path: path.value } : { prefix: path?.value ?? '/' };
  return {
    ...where,
    ...(method === undefined ? {} : { methods: [method] }),
    ...(headers === undefined ? {} : { headers: fieldsOf(headers) }),
    ...(queryParams === undefined ? {} : { query: fieldsOf(queryParams) }),
  };
}

function filterOf(filter: GatewayFilter): object {
  switch (filter.type) {
    case 'URLRewrite': {
      const { path } = filter.urlRewrite;
      if (path.type === 'ReplaceFullPath') return {};
      return {
        rewrite:
          path.replacePrefixMatch === '/'
            ? { strip_prefix: true }
            : { replace_prefix: path.replacePrefixMatch },
      };
    }
    case 'RequestHeaderModifier': {
      const { set = [], add = [], remove = [] } = filter.requestHeaderModifier;
      return { request_headers: { set: fieldsOf(set), add: fieldsOf(add), remove } };
    }
    case 'RequestMirror':
      return {};
  }
}

function fieldsOf(fields: readonly GatewayField[]): Record<string, string> {
  return Object.fromEntries(fields.map(({ name, value }) => [name, value]));
}
