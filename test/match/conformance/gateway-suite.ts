/** The shape of gateway-routing-cases.json: of the Gateway API's HTTPRoute, what these cases use. */
export interface GatewaySuite {
  readonly suite: string;
  readonly routes: readonly GatewayRoute[];
  readonly cases: readonly GatewayCase[];
}

export interface GatewayRoute {
  readonly name: string;
  readonly hostnames: readonly string[];
  readonly rules: readonly GatewayRule[];
}

export interface GatewayRule {
  readonly matches: readonly GatewayMatch[];
  readonly filters: readonly GatewayFilter[];
  readonly backends: readonly { readonly name: string }[];
}

export interface GatewayMatch {
  readonly path?: { readonly type: 'PathPrefix' | 'Exact'; readonly value: string };
  readonly method?: string;
  readonly headers?: readonly GatewayField[];
  readonly queryParams?: readonly GatewayField[];
}

export interface GatewayField {
  readonly name: string;
  readonly value: string;
}

export type GatewayFilter =
  | { readonly type: 'URLRewrite'; readonly urlRewrite: { readonly path: GatewayPathRewrite } }
  | {
      readonly type: 'RequestHeaderModifier';
      readonly requestHeaderModifier: {
        readonly set?: readonly GatewayField[];
        readonly add?: readonly GatewayField[];
        readonly remove?: readonly string[];
      };
    }
  | { readonly type: 'RequestMirror' };

export type GatewayPathRewrite =
  | { readonly type: 'ReplacePrefixMatch'; readonly replacePrefixMatch: string }
  | { readonly type: 'ReplaceFullPath'; readonly replaceFullPath: string };

export interface GatewayCase {
  readonly request: {
    readonly path: string;
    readonly method: string;
    readonly host: string | null;
    readonly headers: Readonly<Record<string, string>>;
  };
  readonly expect: {
    readonly backend?: string;
    readonly status?: number;
    readonly upstream_path?: string;
    readonly upstream_headers?: Readonly<Record<string, string>>;
    readonly absent_headers?: readonly string[];
    readonly mirrored_to?: readonly string[];
  };
}
