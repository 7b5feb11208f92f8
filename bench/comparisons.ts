import { openCommitterContestant } from './committer.ts'
import type { Contestant } from './contestant.ts'
import { openHttpContestant } from './http-purchases.ts'
import { openPgbench } from './pgbench.ts'
import { openBareRoute, openCachedRead } from './reads.ts'
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
    open: (scene) => openHttpContestant(scene, 'hot'),
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
    open: (scene) => openHttpContestant(scene, 'random'),
  },
  'bare-route': { title: 'bare Elysia route, the same answer', open: openBareRoute },
  'cached-read': { title: 'one product from the in-process cache', open: openCachedRead },
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
  { ours: 'cached-read', rival: 'bare-route', target: 0.4, aim: 0.7 },
]
