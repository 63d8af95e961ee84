/** Downloads that are made while they are sent: chunked, and the slow one with a trailer that sums it up. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { products } from './catalogue.mjs';
import { allOrders } from './orders-api.mjs';

const MAX_SECONDS = 60;

export function downloadPriceList({ res }) {
  res.writeHead(200, csvHead('prices.csv'));
  res.write('id,name,price\n');
  for (const { id, name, priceCents } of products())
    res.write(`${id},"${name}",${(priceCents / 100).toFixed(2)}\n`);
  res.end();
}

/** ?seconds=5 spreads it over that time: a slow report, to see what a restart does to it. */
export async function downloadSales({ res, query }) {
  const orders = allOrders();
  const pauseMs = (Math.min(Number(query.get('seconds')) || 0, MAX_SECONDS) * 1000) / orders.length;
  const digest = createHash('sha256');
  res.writeHead(200, { ...csvHead('sales.csv'), trailer: 'x-shop-sha256' });
  for (const { id, customer, placedAt, totalCents } of orders) {
    const line = `${id},"${customer}",${placedAt},${(totalCents / 100).toFixed(2)}\n`;
    digest.update(line);
    res.write(line);
    if (pauseMs > 0) await sleep(pauseMs);
    if (res.destroyed) return;
  }
  res.addTrailers({ 'x-shop-sha256': digest.digest('hex') });
  res.end();
}

function csvHead(name) {
  return {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${name}"`,
  };
}
