// Clients on kept connections, one request after the other each. Counts whole answers; knows Content-Length and chunks.
import { connect } from 'node:net';

const SEPARATOR = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n');

/**
 * Asks for a while.
 *
 * @param {{ port: number, request: Buffer, connections: number, ms: number }} load
 * @returns {Promise<{ answered: number, failed: number, latencies: number[] }>} latencies in ms, sorted
 */
export async function runLoad({ port, request, connections, ms }) {
  const end = performance.now() + ms;
  const result = { answered: 0, failed: 0, latencies: [] };
  await Promise.all(Array.from({ length: connections }, () => client({ port, request, end, result })));
  result.latencies.sort((a, b) => a - b);
  return result;
}

function client({ port, request, end, result }) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let held = Buffer.alloc(0);
    let since = 0;
    const ask = () => {
      if (performance.now() >= end) return socket.destroy();
      since = performance.now();
      socket.write(request);
    };
    socket.on('connect', ask);
    socket.on('data', (bytes) => {
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      const length = answerLength(held);
      if (length < 0 || held.length < length) return;
      if (held.toString('latin1', 9, 12) === '200') result.answered += 1;
      else result.failed += 1;
      result.latencies.push(performance.now() - since);
      held = held.subarray(length);
      ask();
    });
    socket.on('error', () => {
      result.failed += 1;
    });
    socket.on('close', resolve);
  });
}

/** Bytes of the answer at the beginning; -1: not known yet. */
function answerLength(bytes) {
  const end = bytes.indexOf(SEPARATOR);
  if (end < 0) return -1;
  const length = /content-length: *(\d+)/i.exec(bytes.toString('latin1', 0, end))?.[1];
  if (length !== undefined) return end + 4 + Number(length);
  const last = bytes.indexOf(LAST_CHUNK, end + 2);
  return last < 0 ? -1 : last + LAST_CHUNK.length;
}
