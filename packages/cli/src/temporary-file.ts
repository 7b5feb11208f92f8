import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Runs a test with a file of the given content, and takes it away again. */
export async function withFile<T>(
  content: string | Uint8Array<ArrayBuffer>,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'abasto-'))
  try {
    const path = join(folder, 'file.csv')
    await Bun.write(path, content)
    return await use(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
