/**
 * A bad day on demand, to see what a router does about one: PUT /api/orders/faults with any of
 * `{ "failPercent": 20, "status": 503, "delayMs": 800, "dropPercent": 5 }`; `{}` ends it. Only with SHOP_FAULTS=1.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { problem, sendJson } from '../kit/answer.mjs';
import { readJson } from '../kit/body.mjs';

const NONE = { failPercent: 0, status: 503, delayMs: 0, dropPercent: 0 };
const MAX_DELAY_MS = 60_000;

let faults = NONE;

export function showFaults({ req, res }) {
  sendJson(req, res, 200, faults);
}

export async function setFaults({ req, res }) {
  if (process.env.SHOP_FAULTS !== '1') throw problem(403, 'start the service with SHOP_FAULTS=1');
  const given = await readJson(req);
  const known = Object.keys(NONE).filter((key) => typeof given[key] === 'number');
  faults = { ...NONE, ...Object.fromEntries(known.map((key) => [key, given[key]])) };
  sendJson(req, res, 200, faults);
}

/** Waits, fails, or says true: drop the connection. */
export async function sufferFaults() {
  if (faults.delayMs > 0) await sleep(Math.min(faults.delayMs, MAX_DELAY_MS));
  if (Math.random() * 100 < faults.failPercent) throw problem(faults.status, 'a bad day');
  return Math.random() * 100 < faults.dropPercent;
}
