import type { Endpoint } from '../../model/ports.ts';
import type { Backend } from '../../model/route-table.ts';
import { SessionPool } from '../http2/session-pool.ts';
import type { ConnectionPool } from './connection-pool.ts';
import { HandOuts } from './hand-outs.ts';
import { INTAKE_BYTES } from './intake.ts';
import { Pool } from './pool.ts';
import { KnownTlsSettings } from './tls-settings.ts';

const SWEEP_MS = 1_000;

/** A pool per endpoint, made when first needed and closed when the endpoint is removed. */
export class Pools {
  private readonly pools = new Map<Endpoint, ConnectionPool>();
  private readonly tls = new KnownTlsSettings();
  private readonly handOuts = new HandOuts();
  private readonly readBuffer = Buffer.allocUnsafeSlow(INTAKE_BYTES);
  private readonly sweeper: NodeJS.Timeout;
  /** Told of each connection made: the endpoint accepts. */
  onConnected: (endpoint: Endpoint) => void = () => {};
  /** Told of an endpoint that was to speak HTTP/2 and does not; once until it does. */
  onOtherProtocol: (endpoint: Endpoint, message: string) => void = () => {};
  private readonly now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
    this.sweeper = setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  of(endpoint: Endpoint, backend: Backend): ConnectionPool {
    return this.pools.get(endpoint) ?? this.create(endpoint, backend);
  }

  /** Closes idle connections and stops sweeping; for the end of the process. */
  close(): void {
    clearInterval(this.sweeper);
    for (const pool of this.pools.values()) pool.closeIdle();
  }

  private create(endpoint: Endpoint, backend: Backend): ConnectionPool {
    const options = {
      tls: this.tls.of(endpoint, backend),
      now: this.now,
      onConnected: () => this.onConnected(endpoint),
      handOuts: this.handOuts,
      readBuffer: this.readBuffer,
    };
    const onOtherProtocol = (message: string): void => this.onOtherProtocol(endpoint, message);
    const pool = backend.http2
      ? new SessionPool(endpoint, { ...options, onOtherProtocol })
      : new Pool(endpoint, options);
    this.pools.set(endpoint, pool);
    endpoint.onRemoved = () => {
      pool.retire();
      this.pools.delete(endpoint);
    };
    return pool;
  }

  private sweep(): void {
    for (const pool of this.pools.values()) pool.sweep();
  }
}
