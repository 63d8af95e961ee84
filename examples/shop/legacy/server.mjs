/**
 * The monolith: one process that does everything, as it grew over the years. It serves the pages, the JSON API, the
 * event stream, the WebSocket and the uploads, and keeps all data in one file.
 */

import { serve } from '../kit/serve.mjs';
import { handle, saveAll } from './app.mjs';
import { closeLiveChannels, upgradeToStock } from './live-channels.mjs';

serve({
  name: 'legacy',
  port: 8080,
  handle,
  upgrade: upgradeToStock,
  ending() {
    closeLiveChannels();
    saveAll();
  },
});
