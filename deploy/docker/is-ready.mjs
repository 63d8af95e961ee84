// The image's HEALTHCHECK: exit 0 if the router in this container says that it is ready.
import { get } from 'node:http';

const port = /(\d+)$/.exec(process.env.ADMIN_LISTEN ?? '')?.[1] ?? '9901';
const request = get({ host: '127.0.0.1', port, path: '/readyz', timeout: 2000 }, (answer) => {
  process.exit(answer.statusCode === 200 ? 0 : 1);
});
request.on('timeout', () => request.destroy());
request.on('error', () => process.exit(1));
