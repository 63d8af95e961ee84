/** A drawing for each product, made from its shape and its hue. */

const DRAW = {
  leafy: (green) => fan(7, 62, (angle) => leaf(angle, 62, 17, green)),
  fern: (green) => fan(11, 75, (angle) => leaf(angle, 66, 6, green)),
  spiky: (green) => fan(8, 38, (angle) => leaf(angle, 74, 8, green)),
  round: (green) => fan(9, 70, (angle, index) => pad(angle, 34 + (index % 3) * 13, 11, green)),
  cactus: (green) =>
    `<rect x="84" y="42" width="32" height="92" rx="16" fill="${green(38)}"/><path d="M84 96H70a9 9 0 0 1-9-9V72" ${stroke(green(34))}/><path d="M116 86h12a9 9 0 0 0 9-9V62" ${stroke(green(34))}/><path d="M94 54v70M106 54v70" stroke="${green(52)}" stroke-width="2" stroke-dasharray="3 7"/>`,
  fruit: (green) =>
    `${fan(7, 62, (angle) => leaf(angle, 60, 17, green))}${[
      [78, 82],
      [112, 70],
      [124, 100],
      [96, 104],
    ]
      .map(([x, y]) => `<ellipse cx="${x}" cy="${y}" rx="9" ry="11" fill="#f2c230"/>`)
      .join('')}`,
  tool: (green) =>
    `<path d="M62 92h62v46a8 8 0 0 1-8 8H70a8 8 0 0 1-8-8z" fill="${green(46)}"/><path d="M124 104l34-30" ${stroke(green(38))}/><path d="M72 92c0-34 42-34 42 0" fill="none" stroke="${green(34)}" stroke-width="7"/><rect x="62" y="92" width="62" height="9" fill="${green(38)}"/>`,
};

function stroke(colour) {
  return `fill="none" stroke="${colour}" stroke-width="15" stroke-linecap="round"`;
}

function fan(count, spread, draw) {
  return Array.from({ length: count }, (_, index) =>
    draw(((index - (count - 1) / 2) / ((count - 1) / 2)) * spread, index),
  ).join('');
}

function leaf(angle, length, width, green) {
  const light = 36 + (Math.abs(Math.round(angle)) % 5) * 4;
  return `<path transform="rotate(${angle.toFixed(1)} 100 136)" d="M100 136C${100 - width} ${136 - length * 0.5} ${100 - width * 0.7} ${136 - length} 100 ${128 - length * 1.25}C${100 + width * 0.7} ${136 - length} ${100 + width} ${136 - length * 0.5} 100 136z" fill="${green(light)}"/>`;
}

function pad(angle, distance, radius, green) {
  const light = 36 + (Math.round(distance) % 14);
  return `<g transform="rotate(${angle.toFixed(1)} 100 136)"><path d="M100 136v-${distance}" stroke="${green(30)}" stroke-width="4"/><circle cx="100" cy="${136 - distance}" r="${radius}" fill="${green(light)}"/></g>`;
}

/** An SVG document of 200 × 200. */
export function drawProduct({ shape, hue, name }) {
  const green = (light) => `hsl(${hue} 34% ${light}%)`;
  const pot =
    shape === 'tool'
      ? ''
      : '<path d="M66 134h68l-8 42a6 6 0 0 1-6 5H80a6 6 0 0 1-6-5z" fill="#c8724a"/><rect x="62" y="128" width="76" height="13" rx="3" fill="#b5613b"/>';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200" role="img" aria-label="${name.replace(/[<&"]/g, '')}"><rect width="200" height="200" fill="hsl(${hue} 30% 93%)"/><ellipse cx="100" cy="183" rx="56" ry="6" fill="#0001"/>${DRAW[shape](green)}${pot}</svg>\n`;
}
