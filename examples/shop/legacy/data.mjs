/** All data of the monolith: one document. */
import { openStore } from '../kit/store.mjs';

/** Orders placed before any feature existed; the orders feature was given a copy of them. */
const FIRST_ORDERS = [
  {
    id: 1001,
    customer: 'Ada',
    placedAt: '2025-03-02T09:12:00.000Z',
    status: 'delivered',
    lines: [
      [1, 1],
      [24, 2],
    ],
  },
  {
    id: 1002,
    customer: 'Grace',
    placedAt: '2025-03-09T16:40:00.000Z',
    status: 'delivered',
    lines: [[17, 1]],
  },
  {
    id: 1003,
    customer: 'Edsger',
    placedAt: '2025-04-21T11:05:00.000Z',
    status: 'delivered',
    lines: [
      [11, 3],
      [12, 1],
    ],
  },
  {
    id: 1004,
    customer: 'Barbara',
    placedAt: '2025-05-30T19:22:00.000Z',
    status: 'sent',
    lines: [
      [5, 1],
      [23, 1],
    ],
  },
  {
    id: 1005,
    customer: 'Ken',
    placedAt: '2025-06-14T07:48:00.000Z',
    status: 'sent',
    lines: [
      [22, 1],
      [6, 2],
    ],
  },
  {
    id: 1006,
    customer: 'Margaret',
    placedAt: '2025-06-15T13:31:00.000Z',
    status: 'placed',
    lines: [[10, 1]],
  },
];

const store = openStore('shop', {
  nextOrder: 1007,
  orders: FIRST_ORDERS,
  stock: {},
  searches: {},
  viewed: {},
  photos: [],
});

export const data = store.data;

/** Say it after a change. */
export const changed = store.save;
export const saveData = store.flush;
