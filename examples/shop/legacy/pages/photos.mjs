/** Customers' photos: a multipart upload, a list, a download with ranges. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problem, redirect, sendPage } from '../../kit/answer.mjs';
import { readMultipart } from '../../kit/body.mjs';
import { html } from '../../kit/html.mjs';
import { readSession } from '../../kit/session.mjs';
import { changed, data } from '../data.mjs';
import { sendBytes } from '../static-files.mjs';
import { notFoundPage } from './not-found.mjs';
import { page } from './page.mjs';

const MAX_PHOTO = 5 * 1024 * 1024;
const PHOTOS_KEPT = 24;
const PICTURE_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'];
const FOLDER = join(process.env.DATA_DIR ?? join(tmpdir(), `shop-${process.pid}`), 'photos');

export function list(visit) {
  const photos = data.photos.map(
    ({ id, name, by }) =>
      html`<figure><a href="/photos/${id}"><img src="/photos/${id}" alt="${name}" loading="lazy"></a><figcaption>${by}</figcaption></figure>`,
  );
  const body = html`<h1>Your photos</h1><p class="lead">Show how it grows at your place. PNG, JPEG, WebP or GIF, up to 5 MB.</p>
<form class="upload" method="post" action="/photos" enctype="multipart/form-data"><input type="file" name="photo" accept="${PICTURE_TYPES.join(',')}" required><button>Send</button></form>
<div class="photos">${photos.reverse()}</div>`;
  sendPage(visit.req, visit.res, page(visit, 'Your photos', body));
}

export async function upload({ req, res }) {
  const photo = (await readMultipart(req, MAX_PHOTO)).find((part) => part.name === 'photo' && part.filename);
  if (!photo || photo.body.length === 0) throw problem(422, 'a file named photo, please');
  if (!PICTURE_TYPES.includes(photo.type)) throw problem(415, `one of ${PICTURE_TYPES.join(', ')}, please`);
  const entry = {
    id: randomUUID(),
    name: photo.filename.slice(0, 80),
    type: photo.type,
    by: readSession(req)?.name ?? 'a guest',
  };
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, entry.id), photo.body);
  data.photos.push(entry);
  for (const old of data.photos.splice(0, data.photos.length - PHOTOS_KEPT))
    rmSync(join(FOLDER, old.id), { force: true });
  changed();
  redirect(res, 303, '/photos');
}

export function download(visit) {
  const photo = data.photos.find(({ id }) => id === visit.params.id);
  if (!photo) return sendPage(visit.req, visit.res, notFoundPage(visit), 404);
  visit.res.setHeader('content-type', photo.type);
  visit.res.setHeader('x-content-type-options', 'nosniff');
  visit.res.setHeader('content-disposition', `inline; filename*=UTF-8''${encodeURIComponent(photo.name)}`);
  sendBytes(visit.req, visit.res, readFileSync(join(FOLDER, photo.id)));
}
