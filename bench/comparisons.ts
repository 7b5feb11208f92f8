import { openCommitterContestant } from './committer.ts'
import type { Contestant } from './contestant.ts'
import { openHttpContestant } from './http-purchases.ts'
import { openGrpcLookUps, openJsonLookUps } from './look-ups.ts'
import { openPgbench } from './pgbench.ts'
import { openBareRoute, openRead, openRedisRoute } from './reads.ts'
import type { Scene } from './scene.ts'

/** Everyone who takes part. All of them wait for the same PostgreSQL, except where nothing is written. */
export const contestants = {
  'pgbench-hot': {
    title: 'pgbench textbook transaction, one hot row',
    open: (scene) => openPgbench(scene, 'hot'),
  },
  'adapter-hot': {
    title: 'adapter, one hot product, 256 callers',
    open: (scene) => openCommitterContestant(scene, 'hot'),
  },
  'http-hot': {
    title: 'HTTP, one hot product, 64 connections',
    open: async (scene) => openHttpContestant(await scene.purchasingShop(), 'hot', scene.warmUpSeconds),
  },
  'split-hot': {
    title: 'HTTP, one hot product, 64 connections, inventory and products in two processes',
    open: async (scene) => openHttpContestant(await scene.splitShop(), 'hot', scene.warmUpSeconds),
  },
  'pgbench-random': {
    title: 'pgbench textbook transaction, random rows',
    open: (scene) => openPgbench(scene, 'random'),
  },
  'adapter-random': {
    title: 'adapter, random products, 256 callers',
    open: (scene) => openCommitterContestant(scene, 'random'),
  },
  'http-random': {
    title: 'HTTP, random products, 64 connections',
    open: async (scene) => openHttpContestant(await scene.purchasingShop(), 'random', scene.warmUpSeconds),
  },
  'bare-route': {
    title: 'bare Elysia route, the same answer',
    open: (scene) => openBareRoute(scene.readingShop(), scene.warmUpSeconds),
  },
  'cached-read': {
    title: 'one product from the in-process cache',
    open: (scene) => openRead(scene.readingShop(), scene.warmUpSeconds),
  },
  'redis-route': {
    title: 'bare Elysia route with one GET of Redis, the same answer',
    open: (scene) => openRedisRoute(scene.redisShop(), scene),
  },
  'redis-read': {
    title: 'one product from Redis',
    open: (scene) => openRead(scene.redisShop(), scene.warmUpSeconds),
  },
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

/** What is asked of us: at least `target` times what the rival does, and what we aim for. */
export type Comparison = Readonly<{
  ours: ContestantName
  rival: ContestantName
  target: number
  aim?: number
  p99LimitMs?: number
}>

export const comparisons: readonly Comparison[] = [
  { ours: 'adapter-hot', rival: 'pgbench-hot', target: 25, aim: 40 },
  { ours: 'http-hot', rival: 'pgbench-hot', target: 5, aim: 8, p99LimitMs: 15 },
  { ours: 'adapter-random', rival: 'pgbench-random', target: 4 },
  { ours: 'http-random', rival: 'pgbench-random', target: 1.5 },
  { ours: 'split-hot', rival: 'http-hot', target: 0.6 },
  { ours: 'cached-read', rival: 'bare-route', target: 0.4, aim: 0.7 },
  { ours: 'redis-read', rival: 'redis-route', target: 0.5 },
  { ours: 'grpc-look-ups', rival: 'api-look-ups', target: 3 },
  { ours: 'grpc-look-ups', rival: 'bare-look-ups', target: 3 },
]
