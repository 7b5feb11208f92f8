import { openCommitterContestant } from './committer.ts'
import type { Contestant } from './contestant.ts'
import { openEmbeddedContestant } from './embedded.ts'
import { openFourCommitters } from './four-committers.ts'
import { openHttpPurchases } from './http-purchases.ts'
import { openHttpCommit, openHttpReserve } from './http-reservations.ts'
import { openLedger } from './ledgers.ts'
import { openGrpcLookUps, openJsonLookUps } from './look-ups.ts'
import { openMongoCommitter } from './mongo.ts'
import { openMongoTextbook } from './mongo-textbook.ts'
import { openPgbench, salesOver } from './pgbench.ts'
import { pairsOver } from './pgbench-pairs.ts'
import { openBareRoute, openRead, openRedisRoute } from './reads.ts'
import type { Scene } from './scene.ts'

/** How many products the reservations of two lines are over: few, so that they meet. */
const PAIRED_PRODUCTS = 20

/** Everyone who takes part. All of them wait for the same PostgreSQL, except where nothing is written. */
export const contestants = {
  'pgbench-hot': {
    title: 'pgbench textbook transaction, one hot row',
    open: (scene) => openPgbench(scene, salesOver('hot', 1)),
  },
  'adapter-hot': {
    title: 'adapter, one hot product, 256 callers',
    open: (scene) => openCommitterContestant(scene, 'hot'),
  },
  'http-hot': {
    title: 'HTTP, one hot product, 64 connections',
    open: async (scene) => openHttpPurchases(await scene.purchasingShop(), 'hot'),
  },
  'http-reserve': {
    title: 'HTTP, reservations of one product, 64 connections',
    open: async (scene) => openHttpReserve(await scene.reservingShop()),
  },
  'http-commit': {
    title: 'HTTP, commits of one product, 64 connections',
    open: async (scene) => openHttpCommit(await scene.reservingShop(), scene),
  },
  'split-hot': {
    title: 'HTTP, one hot product, 64 connections, inventory and products in two processes',
    open: async (scene) => openHttpPurchases(await scene.splitShop(), 'hot'),
  },
  'pgbench-random': {
    title: 'pgbench textbook transaction, random rows',
    open: (scene) => openPgbench(scene, salesOver('random', scene.products)),
  },
  'adapter-random': {
    title: 'adapter, random products, 256 callers',
    open: (scene) => openCommitterContestant(scene, 'random'),
  },
  'four-random': {
    title: 'adapter, random products, 256 callers in four processes',
    open: (scene) => openFourCommitters(scene, { name: 'four_random', asked: 'sales', products: scene.products }),
  },
  'http-random': {
    title: 'HTTP, random products, 64 connections',
    open: async (scene) => openHttpPurchases(await scene.purchasingShop(), 'random'),
  },
  'pgbench-pairs': {
    title: 'pgbench textbook transaction, two of 20 rows',
    open: (scene) => openPgbench(scene, pairsOver('pairs', PAIRED_PRODUCTS)),
  },
  'four-pairs': {
    title: 'adapter, reservations of two of 20 products, 256 callers in four processes',
    open: (scene) => openFourCommitters(scene, { name: 'four_pairs', asked: 'pairs', products: PAIRED_PRODUCTS }),
  },
  'short-ledger': {
    title: 'adapter, one hot product, a ledger of a thousand movements',
    open: (scene) => openLedger(scene, 'short_ledger', 1_000),
  },
  'long-ledger': {
    title: 'adapter, one hot product, a ledger of a million movements',
    open: (scene) => openLedger(scene, 'long_ledger', scene.movements),
  },
  'mongo-textbook-hot': {
    title: 'MongoDB textbook transaction, one hot document',
    open: (scene) => openMongoTextbook(scene, 'hot'),
  },
  'mongo-hot': {
    title: 'MongoDB adapter, one hot product, 256 callers',
    open: (scene) => openMongoCommitter(scene, 'hot'),
  },
  'mongo-textbook-random': {
    title: 'MongoDB textbook transaction, random documents',
    open: (scene) => openMongoTextbook(scene, 'random'),
  },
  'mongo-random': {
    title: 'MongoDB adapter, random products, 256 callers',
    open: (scene) => openMongoCommitter(scene, 'random'),
  },
  'embedded-textbook-hot': {
    title: 'embedded textbook transaction, one hot row',
    open: (scene) => openEmbeddedContestant(scene, 'textbook', 'hot'),
  },
  'embedded-hot': {
    title: 'embedded adapter, one hot product, 256 callers',
    open: (scene) => openEmbeddedContestant(scene, 'adapter', 'hot'),
  },
  'embedded-textbook-random': {
    title: 'embedded textbook transaction, random rows',
    open: (scene) => openEmbeddedContestant(scene, 'textbook', 'random'),
  },
  'embedded-random': {
    title: 'embedded adapter, random products, 256 callers',
    open: (scene) => openEmbeddedContestant(scene, 'adapter', 'random'),
  },
  'bare-route': { title: 'bare Elysia route, the same answer', open: (scene) => openBareRoute(scene.readingShop()) },
  'cached-read': {
    title: 'one product from the in-process cache',
    open: (scene) => openRead(scene.readingShop()),
  },
  'redis-route': {
    title: 'bare Elysia route with one GET of Redis, the same answer',
    open: (scene) => openRedisRoute(scene.redisShop(), scene),
  },
  'redis-read': { title: 'one product from Redis', open: (scene) => openRead(scene.redisShop()) },
  'api-look-ups': {
    title: 'look-ups through the HTTP API, 32 callers',
    open: (scene) => openJsonLookUps(scene, 'api'),
  },
  'bare-look-ups': {
    title: 'look-ups through a bare Elysia route, 32 callers',
    open: (scene) => openJsonLookUps(scene, 'bare'),
  },
  'grpc-look-ups': { title: 'look-ups coalesced over gRPC, 32 callers', open: openGrpcLookUps },
} satisfies Record<string, { title: string; open: (scene: Scene) => Promise<Contestant> }>

export type ContestantName = keyof typeof contestants

/** Two who are set beside each other. Where nothing is wanted of us the ratio is printed, and that is all. */
export type Comparison = Readonly<{ ours: ContestantName; rival: ContestantName }> & (Wanted | Printed)

/** At least `target` times what the rival does, and what we aim for. */
export type Wanted = Readonly<{ target: number; aim?: number; p99LimitMs?: number }>

type Printed = Readonly<{ target?: never; aim?: never; p99LimitMs?: never }>

export const comparisons: readonly Comparison[] = [
  { ours: 'adapter-hot', rival: 'pgbench-hot', target: 25, aim: 40, p99LimitMs: 15 },
  { ours: 'http-hot', rival: 'pgbench-hot', target: 5, aim: 8, p99LimitMs: 15 },
  { ours: 'http-reserve', rival: 'pgbench-hot', target: 4 },
  { ours: 'http-commit', rival: 'pgbench-hot', target: 4 },
  { ours: 'adapter-random', rival: 'pgbench-random', target: 3, aim: 4 },
  { ours: 'four-random', rival: 'pgbench-random', target: 3 },
  { ours: 'http-random', rival: 'pgbench-random', target: 1.5 },
  { ours: 'four-pairs', rival: 'pgbench-pairs', target: 1 },
  // A write may take 1.5 times as long.
  { ours: 'long-ledger', rival: 'short-ledger', target: 0.67 },
  { ours: 'mongo-hot', rival: 'mongo-textbook-hot', target: 25 },
  { ours: 'mongo-random', rival: 'mongo-textbook-random', target: 4 },
  { ours: 'embedded-hot', rival: 'embedded-textbook-hot' },
  { ours: 'embedded-random', rival: 'embedded-textbook-random' },
  { ours: 'split-hot', rival: 'http-hot', target: 0.6 },
  { ours: 'cached-read', rival: 'bare-route', target: 0.4, aim: 0.7 },
  { ours: 'redis-read', rival: 'redis-route', target: 0.5 },
  { ours: 'grpc-look-ups', rival: 'api-look-ups', target: 3 },
  { ours: 'grpc-look-ups', rival: 'bare-look-ups', target: 3 },
]
