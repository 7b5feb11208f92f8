import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

type Verdict = Readonly<{ lookedAt: number; bare: readonly string[] }>

/**
 * Which exported names of a package's declarations, and which of their members, have no doc comment. Looked at are the
 * names that can be imported from the package and the classes that these lead to. `declarations` is a folder of `.d.ts`
 * files or their texts, `abasto.d.ts` the entry.
 */
export function undocumented(declarations: string | Readonly<Record<string, string>>): Verdict {
  const texts = typeof declarations === 'string' ? textsIn(declarations) : declarations
  const entry = texts['abasto.d.ts'] ?? ''
  const named = new Set(
    [...entry.matchAll(/^export (?:type )?\{([^}]+)\}/gm)].flatMap(([, names = '']) => wordsOf(names)),
  )
  let lookedAt = 0
  const bare: string[] = []
  for (const [file, text] of Object.entries(texts)) {
    const isWhole = file === 'abasto.d.ts' || entry.includes(`export type * from './${file.replace('.d.ts', '.js')}'`)
    for (const { name, isClass, isCommented, members } of exportsOf(text)) {
      if (!isWhole && !isClass && !named.has(name)) continue
      lookedAt += 1 + members.length
      if (!isCommented) bare.push(name)
      // What is printed from the contract has tables in it, whose rows need no sentence each.
      if (file !== 'types.gen.d.ts')
        bare.push(...members.filter((member) => !member.isCommented).map((member) => `${name}.${member.name}`))
    }
  }
  return { lookedAt, bare }
}

function textsIn(folder: string): Record<string, string> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.d.ts'))
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
}

const wordsOf = (names: string): string[] => names.split(',').map((name) => name.trim())

type Member = { name: string; isCommented: boolean }
type Exported = Member & { isClass: boolean; members: Member[] }

const EXPORT = /^export (?:declare )?(?:abstract )?(class|type|interface|const|function) (\w+)/
const MEMBER = /^ {4}(?:readonly |static |async )*(\[[\w.]+\]|\w+)[?(<:]/

function exportsOf(text: string): Exported[] {
  const found: Exported[] = []
  let isCommented = false
  for (const line of text.split('\n')) {
    const [, kind, name] = EXPORT.exec(line) ?? []
    if (name) found.push({ name, isClass: kind === 'class', isCommented, members: [] })
    const [, member] = MEMBER.exec(line) ?? []
    if (member && member !== 'constructor' && member !== 'new')
      found.at(-1)?.members.push({ name: member, isCommented })
    isCommented = line.trimEnd().endsWith('*/')
  }
  return found
}
