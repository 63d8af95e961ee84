import { playWithBanyan } from './play-with-banyan.ts';

playWithBanyan('limits');
