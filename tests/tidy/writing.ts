import { posix } from 'node:path'
import { isCode, isGenerated, isTest, type ProjectFile, type Verdict } from './project.ts'

const verdict = (files: readonly ProjectFile[], faultsOf: (file: ProjectFile) => readonly string[]): Verdict => ({
  lookedAt: files.length,
  faults: files.flatMap((file) => faultsOf(file).map((fault) => `${file.path}: ${fault}`)),
})

const DUMPING_GROUNDS = ['utils', 'util', 'helpers', 'helper', 'common', 'lib', 'shared', 'core', 'misc']

/** Names under which anything may be put, so that everything is. */
export const nameFaults = (files: readonly ProjectFile[]): Verdict =>
  verdict(files, ({ path }) =>
    path
      .split('/')
      .map((part) => part.split('.')[0] ?? '')
      .filter((name) => DUMPING_GROUNDS.includes(name))
      .map((name) => `"${name}" says nothing about what is in it`),
  )

const LONGEST = 400

/** Files that are too long to be read in one go. */
export const lengthFaults = (files: readonly ProjectFile[]): Verdict =>
  verdict(
    files.filter(({ path }) => !isGenerated(path)),
    ({ text }) => {
      const lines = text.trimEnd().split('\n').length
      return lines > LONGEST ? [`${lines} lines, more than ${LONGEST}`] : []
    },
  )

// Written in two parts, so that this file does not find itself.
const SWITCHED_OFF = new RegExp(`\\b(?:test|it|describe)\\.(?:${['skip', 'only', 'todo'].join('|')})\\b`, 'g')

/** Tests that do not run, or that keep others from running. */
export const switchedOffFaults = (files: readonly ProjectFile[]): Verdict =>
  verdict(
    files.filter(({ path }) => isTest(path)),
    ({ text }) => (text.match(SWITCHED_OFF) ?? []).map((found) => `${found} switches tests off`),
  )

// The homes of the common systems; in parts, for the same reason.
const MACHINE = new RegExp(
  `(?<![\\w.~-])/(?:${['home', 'Users', 'root', 'work'].join('|')})/[\\w.-]+|[A-Z]:\\\\+Users\\\\+\\w+`,
  'g',
)

/** Paths that exist on the machine of whoever wrote them only. */
export const machineFaults = (files: readonly ProjectFile[]): Verdict =>
  verdict(files, ({ text }) => (text.match(MACHINE) ?? []).map((found) => `${found} is a path of one machine`))

/** Links of a document that lead to no file, or to no heading of one. */
export function linkFaults(files: readonly ProjectFile[]): Verdict {
  const known = new Map(files.map((file) => [file.path, file]))
  const folders = new Set(files.flatMap(({ path }) => foldersOf(path)))
  let lookedAt = 0
  const faults = files
    .filter(({ path }) => path.endsWith('.md'))
    .flatMap(({ path, text }) =>
      linksIn(text).flatMap((link) => {
        if (/^[a-z]+:/.test(link)) return []
        lookedAt++
        const [target = '', heading] = link.split('#')
        const to = target === '' ? path : posix.join(path, '..', target).replace(/\/$/, '')
        const file = known.get(to)
        if (!file) return folders.has(to) ? [] : [`${path}: the link ${link} leads nowhere`]
        const isThere = heading === undefined || headingsOf(file.text).includes(heading)
        return isThere ? [] : [`${path}: ${to} has no heading #${heading}`]
      }),
    )
  return { lookedAt, faults }
}

const linksIn = (text: string): string[] =>
  [...withoutCode(text).matchAll(/\[[^\]]*\]\(([^()\s]+)\)/g)].map((found) => found[1] ?? '')

const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')

/** The anchors of a document, as they are made from its headings. */
const headingsOf = (text: string): string[] =>
  [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  )

const foldersOf = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, index, parts) => parts.slice(0, index + 1).join('/'))

/** Files named in the text of documents as `packages/…`, `docs/…` and so on, which readers will look for. */
export function mentionFaults(files: readonly ProjectFile[]): Verdict {
  const known = new Set(files.flatMap(({ path }) => [path, ...foldersOf(path)]))
  let lookedAt = 0
  const faults = files
    .filter(({ path }) => path.endsWith('.md') || isCode(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/`((?:packages|docs|scripts|tests|bench|sdk|\.ci)\/[\w./-]+)`/g)].flatMap(
        ([, mention = '']) => {
          lookedAt++
          return known.has(mention.replace(/\/$/, '')) ? [] : [`${path}: there is no ${mention}`]
        },
      ),
    )
  return { lookedAt, faults }
}
