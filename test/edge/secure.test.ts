import { playWithBanyan } from './play-with-banyan.ts';

playWithBanyan('TLS', 'HTTP/2');
