/** One line of a Dockerfile, put together again where it was broken. */
export type Instruction = Readonly<{ name: string; text: string }>

/** From a FROM to the next one. */
export type Stage = Readonly<{ name: string; from: string; instructions: readonly Instruction[] }>

/** Reads the stages of a Dockerfile, in their order. */
export function stagesOf(dockerfile: string): Stage[] {
  const stages: { name: string; from: string; instructions: Instruction[] }[] = []
  for (const { name, text } of instructionsIn(dockerfile)) {
    if (name === 'FROM') {
      const [, from = '', alias = ''] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(text) ?? []
      if (!from) throw new Error(`FROM ${text} cannot be read.`)
      stages.push({ name: alias, from, instructions: [] })
    } else {
      const stage = stages.at(-1)
      if (!stage) throw new Error(`${name} stands before the first FROM.`)
      stage.instructions.push({ name, text })
    }
  }
  return stages
}

function instructionsIn(dockerfile: string): Instruction[] {
  const lines = dockerfile.split('\n').filter((line) => !/^\s*#/.test(line))
  const joined = lines.join('\n').replaceAll(/\\\n\s*/g, '')
  return joined.split('\n').flatMap((line) => {
    const [, name, text] = /^(\w+)\s+(.+)$/.exec(line.trim()) ?? []
    if (line.trim() === '') return []
    if (!name || !text) throw new Error(`${line} cannot be read.`)
    return [{ name: name.toUpperCase(), text: text.trim() }]
  })
}

/** `KEY=value KEY=value`, as ENV has it. */
export const pairsIn = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split(/\s+/).map((pair) => {
      const [, name, value] = /^([A-Z_]+)=(\S*)$/.exec(pair) ?? []
      if (name === undefined || value === undefined) throw new Error(`ENV ${pair} cannot be read.`)
      return [name, value]
    }),
  )

/** The words of a command in its JSON form: no shell stands between the engine and the process, and takes its signals. */
export function commandIn(text: string): string[] {
  const words: unknown = text.startsWith('[') ? JSON.parse(text) : undefined
  if (!Array.isArray(words) || !words.every((word) => typeof word === 'string')) {
    throw new Error(`${text} is run by a shell, which keeps signals to itself.`)
  }
  return words
}

/**
 * Whether `.dockerignore` keeps a path from the engine. The last pattern that fits the path or a folder above it
 * decides (https://docs.docker.com/build/concepts/context/#dockerignore-files).
 */
export function ignoring(dockerignore: string): (path: string) => boolean {
  const rules = dockerignore
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const isException = line.startsWith('!')
      return { isException, glob: new Bun.Glob(isException ? line.slice(1) : line) }
    })
  return (path) => {
    const parts = path.split('/')
    const chain = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
    return rules.reduce(
      (ignored, { isException, glob }) => (chain.some((each) => glob.match(each)) ? !isException : ignored),
      false,
    )
  }
}
