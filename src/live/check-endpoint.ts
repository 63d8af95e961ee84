/**
 * One health check: a GET on a connection of its own, of which the status counts. It goes where the backend's requests
 * go, in the way that they go (address, TLS settings, Host, base path), and through nothing of the router that counts
 * requests.
 */
import type { Socket } from 'node:net';
import { authorityOf } from '../model/listen-address.ts';
import type { AskOverHttp2, OpenConnection } from '../model/ports.ts';
import type { Backend, HealthCheck } from '../model/route-table.ts';
import { VERSION } from '../model/version.ts';
import type { CheckEndpoint } from './health-checks.ts';
import type { LiveEndpoint } from './live-endpoint.ts';

/** How long a head may be. */
const MOST_BYTES = 64 * 1024;
/** How long the rest of an answer is taken once its status is known, so that the backend sees it go. */
const REST_MS = 100;
const USER_AGENT = `banyan/${VERSION} (health check)`;

/** Checks over real connections, in the HTTP that the backend speaks. */
export function createCheckEndpoint(open: OpenConnection, ask: AskOverHttp2): CheckEndpoint {
  const overHttp1 = createCheckOverHttp1(open);
  return (endpoint, how, done) =>
    how.backend.http2 ? checkOverHttp2(ask, { endpoint, ...how }, done) : overHttp1(endpoint, how, done);
}

function checkOverHttp2(
  ask: AskOverHttp2,
  { endpoint, backend, health }: { endpoint: LiveEndpoint; backend: Backend; health: HealthCheck },
  done: (problem: string | null) => void,
): () => void {
  const { timeoutMs, expect } = health;
  const stop = (): void => {
    clearTimeout(timer);
    giveUp();
  };
  const end = (problem: string | null): void => {
    clearTimeout(timer);
    done(problem);
  };
  const timer = setTimeout(() => {
    giveUp();
    end(`no answer within ${timeoutMs} ms`);
  }, timeoutMs).unref();
  const giveUp = ask(
    endpoint,
    {
      backend,
      path: endpoint.basePath + health.path,
      authority: hostOf(endpoint, backend),
      userAgent: USER_AGENT,
      timeoutMs,
    },
    {
      answered: (status) => end(isExpected(status, expect) ? null : `it answered ${status}`),
      failed: (failure, message) => end(`${failure}: ${message}`),
    },
  );
  return stop;
}

function createCheckOverHttp1(open: OpenConnection): CheckEndpoint {
  return (endpoint, { backend, health }, done) => {
    let socket: Socket | null = null;
    let isOver = false;
    const stop = (): void => {
      isOver = true;
      clearTimeout(timer);
      giveUp();
      socket?.destroy();
    };
    const end = (problem: string | null): void => {
      if (isOver) return;
      stop();
      done(problem);
    };
    const timer = setTimeout(() => end(`no answer within ${health.timeoutMs} ms`), health.timeoutMs).unref();
    const giveUp = open(
      endpoint,
      { backend, timeoutMs: health.timeoutMs },
      {
        connected(connection) {
          socket = connection;
          readAnswer(connection, health, end);
          connection.write(requestText(endpoint, backend, health));
        },
        failed: (failure, message) => end(`${failure}: ${message}`),
      },
    );
    return stop;
  };
}

/** Host as the backend's requests have it; where that is the client's own, the url's. */
function hostOf(endpoint: LiveEndpoint, { host }: Backend): string {
  return host.kind === 'name' ? host.name : authorityOf(endpoint);
}

function requestText(endpoint: LiveEndpoint, backend: Backend, health: HealthCheck): string {
  return [
    `GET ${endpoint.basePath}${health.path} HTTP/1.1`,
    `Host: ${hostOf(endpoint, backend)}`,
    `User-Agent: ${USER_AGENT}`,
    'Accept: */*',
    'Connection: close',
    '\r\n',
  ].join('\r\n');
}

/** Ends at the status, or, if that is good, soon after. */
function readAnswer(socket: Socket, health: HealthCheck, end: (problem: string | null) => void): void {
  let head = '';
  let isWell = false;
  socket.on('data', (chunk: Buffer) => {
    if (isWell) return;
    head += chunk.toString('latin1');
    const verdict = verdictOf(head, health);
    if (verdict === null) {
      isWell = true;
      setTimeout(() => end(null), REST_MS).unref();
    } else if (verdict !== undefined) end(verdict);
    else if (head.length > MOST_BYTES) end('the head of its answer is too long');
  });
  const over = (): void => end(isWell ? null : 'it closed the connection without an answer');
  socket.on('end', over);
  socket.on('close', over);
  socket.on('error', (error) => end(isWell ? null : `the connection broke: ${error.message}`));
}

/** Null: well; a text: what is wrong; undefined: the status has not come yet. */
function verdictOf(head: string, { expect }: HealthCheck): string | null | undefined {
  const interim =
    /^(?:HTTP\/1\.[01] 1\d\d[ \r][^\n]*\n(?:[^\r\n][^\n]*\n)*\r?\n)*/.exec(head)?.[0].length ?? 0;
  const line = head.slice(interim);
  const status = /^HTTP\/1\.[01] ([1-5]\d\d)[ \r\n]/.exec(line)?.[1];
  if (status === undefined)
    return line.length > 16 && !/^HTTP\/1\.[01] /.test(line) ? 'its answer is not HTTP/1.1' : undefined;
  const code = Number(status);
  if (code < 200) return undefined;
  return isExpected(code, expect) ? null : `it answered ${code}`;
}

function isExpected(status: number, expect: HealthCheck['expect']): boolean {
  return expect.some(([from, to]) => status >= from && status <= to);
}
