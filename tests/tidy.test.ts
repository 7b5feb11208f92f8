import { expect, test } from 'bun:test'
import { layerFaults, MAY_DEPEND_ON, packageFaults } from './tidy/dependencies.ts'
import { type ProjectFile, projectFiles, type Verdict } from './tidy/project.ts'
import {
  lengthFaults,
  linkFaults,
  machineFaults,
  mentionFaults,
  nameFaults,
  switchedOffFaults,
} from './tidy/writing.ts'

type Check = Readonly<{
  promise: string
  check: (files: readonly ProjectFile[]) => Verdict
  /** A file in which the check must find a fault. */
  planted: ProjectFile
}>

const checks: readonly Check[] = [
  {
    promise: 'every package uses only those it may depend on',
    check: packageFaults,
    planted: file('packages/kernel/src/money.ts', "import { createLog } from '@abasto/chassis/log'"),
  },
  {
    promise: 'no package declares another that it may not depend on',
    check: packageFaults,
    planted: file('sdk/package.json', '{ "dependencies": { "@abasto/kernel": "workspace:*" } }'),
  },
  {
    promise: 'inside a service the arrows point inward',
    check: layerFaults,
    planted: file('packages/inventory/src/application/x.ts', "import { x } from '../infrastructure/postgres.ts'"),
  },
  {
    promise: 'nothing has a name under which anything could be put',
    check: nameFaults,
    planted: file('packages/inventory/src/utils/money.ts', ''),
  },
  { promise: 'no file is longer than 400 lines', check: lengthFaults, planted: file('a.ts', 'x\n'.repeat(401)) },
  {
    promise: 'every test runs',
    check: switchedOffFaults,
    planted: file('a.test.ts', `${'test'}.${'only'}('one alone', () => {})`),
  },
  {
    promise: 'nothing names a path of one machine',
    check: machineFaults,
    planted: file('a.md', `see /${'home'}/someone/abasto`),
  },
  { promise: 'every link of a document leads somewhere', check: linkFaults, planted: file('a.md', '[x](b.md)') },
  { promise: 'every heading that is linked exists', check: linkFaults, planted: file('a.md', '# A b\n[x](#a-c)') },
  {
    promise: 'every file that is named in backquotes exists',
    check: mentionFaults,
    planted: file('a.md', `${'`'}docs/x.md${'`'}`),
  },
]

const files = projectFiles()

test.each(checks)('$promise', ({ check }) => {
  const { lookedAt, faults } = check(files)

  expect(faults).toEqual([])
  expect(lookedAt).toBeGreaterThan(0)
})

test.each(checks)('a planted fault is seen: $promise', ({ check, planted }) => {
  expect(check([planted]).faults).toHaveLength(1)
})

test('the table of dependencies names every package, and has no circle', () => {
  const packages = files.flatMap(({ path }) => /^(?:packages\/)?(\w+)\/package\.json$/.exec(path)?.[1] ?? [])
  const order = Object.keys(MAY_DEPEND_ON).sort((a, b) => MAY_DEPEND_ON[a]!.length - MAY_DEPEND_ON[b]!.length)

  expect(Object.keys(MAY_DEPEND_ON).sort()).toEqual(packages.sort())
  for (const [index, name] of order.entries()) {
    expect(MAY_DEPEND_ON[name]!.filter((used) => order.indexOf(used) > index)).toEqual([])
  }
})

function file(path: string, text: string): ProjectFile {
  return { path, text }
}
