import { playWithBanyan } from './play-with-banyan.ts';

playWithBanyan('paths', 'headers', 'hop-by-hop', 'upgrades');
