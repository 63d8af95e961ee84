import type { Endpoint } from '../model/ports.ts';

/** Where an endpoint is, and whether it still is. */
export type Place = Pick<
  Endpoint,
  'backend' | 'address' | 'port' | 'secure' | 'hostname' | 'basePath' | 'removed'
>;

/**
 * An endpoint as copies of requests see it (docs/shadow.md): what becomes of them is no news about it, so that a copy never
 * opens a breaker, takes the one trial of a breaker that rests, or makes the endpoint look busy.
 */
export class EndpointApart implements Endpoint {
  readonly backend: string;
  readonly address: string;
  readonly port: number;
  readonly secure: boolean;
  readonly hostname: string;
  readonly basePath: string;
  readonly epoch = 0;
  readonly isRefusing = false;
  inFlight = 0;
  onRemoved: (() => void) | null = null;
  readonly endpoint: Place;

  constructor(endpoint: Place) {
    this.endpoint = endpoint;
    this.backend = endpoint.backend;
    this.address = endpoint.address;
    this.port = endpoint.port;
    this.secure = endpoint.secure;
    this.hostname = endpoint.hostname;
    this.basePath = endpoint.basePath;
  }

  get removed(): boolean {
    return this.endpoint.removed;
  }

  answered(): void {}
  failed(): void {}
  abandoned(): void {}
}
