// Suggestions while typing, stock that moves, and who else is here. Pages work without it.

const form = document.querySelector('.search');
const box = form.querySelector('.suggestions');
let latest = 0;

async function suggest(words) {
  latest += 1;
  const turn = latest;
  if (words.length < 2) return box.setAttribute('hidden', '');
  const answer = await fetch(`/api/search?limit=6&q=${encodeURIComponent(words)}`);
  const { items = [] } = await answer.json().catch(() => ({}));
  if (turn !== latest) return;
  const rows = items.map(({ id, name, priceWithTax }) => {
    const row = document.createElement('a');
    row.href = `/products/${id}`;
    const price = document.createElement('span');
    price.textContent = `€${priceWithTax.toFixed(2)}`;
    row.append(name, price);
    return row;
  });
  const side = document.createElement('p');
  side.textContent = answer.ok
    ? `${items.length === 0 ? 'nothing found; ' : ''}answered by ${answer.headers.get('x-shop-answered-by') ?? '?'}`
    : `search answers ${answer.status}`;
  box.replaceChildren(...rows, side);
  box.removeAttribute('hidden');
}

let typing;
form.elements.q.addEventListener('input', (event) => {
  clearTimeout(typing);
  typing = setTimeout(() => suggest(event.target.value.trim()), 120);
});
document.addEventListener('click', (event) => {
  if (!form.contains(event.target)) box.setAttribute('hidden', '');
});

function showStock(id, left) {
  for (const place of document.querySelectorAll(`[data-stock="${id}"]`)) {
    const text = `${left} left`;
    if (place.textContent === text) continue;
    place.textContent = text;
    place.classList.add('changed');
    setTimeout(() => place.classList.remove('changed'), 1500);
  }
}

function watchStock() {
  const socket = new WebSocket(
    `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`,
    'shop.stock',
  );
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'all') for (const [id, left] of Object.entries(message.stock)) showStock(id, left);
    if (message.type === 'stock') showStock(message.id, message.stock);
  });
  socket.addEventListener('close', () => setTimeout(watchStock, 2000));
}
if (document.querySelector('[data-stock]')) watchStock();

const live = document.querySelector('[data-live]');
if (live) {
  const events = new EventSource('/events');
  events.addEventListener('visitors', ({ data }) => {
    live.hidden = false;
    live.querySelector('[data-visitors]').textContent = JSON.parse(data).count;
  });
  events.addEventListener('order', ({ data }) => {
    const { id, customer } = JSON.parse(data);
    live.querySelector('[data-news]').textContent = `order ${id} just placed by ${customer}`;
  });
}
