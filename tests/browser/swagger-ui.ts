import type { Locator, Page } from 'playwright-core'

/** What a person reads below an operation after "Execute". */
export type Shown = Readonly<{
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents and say what they expect to find.
  document: any
  headers: string
}>

/** What a person types into the form of an operation. */
export type Entries = Readonly<{
  /** By the name of the parameter. */
  parameters?: Readonly<Record<string, string>>
  /** From the example that stands there to what is wanted. */
  // biome-ignore lint/suspicious/noExplicitAny: the same.
  edit?: (example: any) => unknown
}>

/** Opens the page and waits until the operations stand there. */
export async function openDocs(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await page.locator('.opblock').first().waitFor()
}

export async function authorize(page: Page, key: string): Promise<void> {
  await page.locator('.auth-wrapper .btn.authorize').click()
  const dialog = page.locator('.modal-ux')
  const logout = dialog.getByRole('button', { name: 'Remove authorization' })
  if (await logout.isVisible()) await logout.click()
  await dialog.locator('input').fill(key)
  await dialog.getByRole('button', { name: 'Apply credentials' }).click()
  await dialog.locator('.btn-done').click()
}

export const operation = (page: Page, id: string): Locator => page.locator(`.opblock[id$="-${id}"]`)

/** The ids of the operations that are shown. */
export const operationsShown = (page: Page): Promise<string[]> =>
  page.locator('.opblock').evaluateAll((blocks) => blocks.map(({ id }) => id.split('-').at(-1) ?? ''))

/** Opens the operation if it is folded, and makes its form one to type in. */
export async function tryOut(page: Page, id: string): Promise<Locator> {
  const block = operation(page, id)
  if ((await block.locator('.opblock-body').count()) === 0) await block.locator('.opblock-summary-control').click()
  const button = block.getByRole('button', { name: 'Try it out' })
  await block.locator('.try-out__btn').first().waitFor()
  if (await button.isVisible()) await button.click()
  return block
}

/** Folds an open operation: what is open is drawn again at every letter that is typed anywhere. */
export const fold = (page: Page, id: string): Promise<void> =>
  operation(page, id).locator('.opblock-summary-control').click()

/** Fills in the form of the operation, sends it, and reads what comes. */
export async function execute(page: Page, id: string, { parameters = {}, edit }: Entries = {}): Promise<Shown> {
  const block = await tryOut(page, id)
  for (const [name, value] of Object.entries(parameters)) {
    await block.locator(`tr[data-param-name="${name}"] input`).fill(value)
  }
  if (edit) {
    const body = block.locator('textarea.body-param__text')
    const document = JSON.stringify(edit(JSON.parse(await body.inputValue())), null, 2)
    // A page that is still drawing may put its example back: what was typed must have stayed for a while.
    do {
      await body.fill(document)
      await page.waitForTimeout(250)
    } while ((await body.inputValue()) !== document)
  }
  const answered = page.waitForResponse((response) => new URL(response.url()).pathname.startsWith('/api/'))
  await block.getByRole('button', { name: 'Execute' }).click()
  await (await answered).finished()
  return shown(block)
}

async function shown(block: Locator): Promise<Shown> {
  const answer = block.locator('.live-responses-table')
  const [status, body, headers] = await Promise.all([
    answer.locator('tbody td.response-col_status').textContent(),
    answer.locator('.highlight-code code').first().textContent(),
    answer.locator('.headerline').allTextContents(),
  ])
  return { status: Number.parseInt(status ?? '', 10), document: JSON.parse(body ?? ''), headers: headers.join('\n') }
}
