import { chromium, type Page, type Request } from 'playwright-core'

/** The Chromium of this machine, or undefined where there is none. */
export const chromiumPath = ['chromium', 'chromium-browser', 'google-chrome']
  .map((name) => Bun.which(name))
  .find((path) => path !== null)

/** A name that leads to this machine in the browser, for what must not depend on being called `localhost`. */
export const HOST_NAME = 'shop.test'

/** It stays on this machine whatever a page asks for: no other name leads anywhere. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--host-resolver-rules=MAP ${HOST_NAME} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost`,
]

/** A page, and what has been seen while it was open: a page that nobody closes goes on working, at the cost of the next. */
export type Window = AsyncDisposable &
  Readonly<{
    page: Page
    requests: Request[]
    /** The errors that a browser tells a developer, what the policy of the page refused among them. */
    complaints: string[]
  }>

export type Browser = Readonly<{
  /** A page of a person who was never here before. */
  open: () => Promise<Window>
  close: () => Promise<void>
}>

const REFUSED = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  console.error('refused by the policy: ' + violatedDirective + ' ' + blockedURI))`

export async function startBrowser(executablePath: string): Promise<Browser> {
  const browser = await chromium.launch({ executablePath, headless: true, args: ARGUMENTS })
  const open = async (): Promise<Window> => {
    // It shares no storage, no cache and no cookie with any other.
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 } })
    // Less than a test has, and more than Playwright gives by itself: a busy machine draws slowly.
    context.setDefaultTimeout(100_000)
    await context.addInitScript(REFUSED)
    const page = await context.newPage()
    const requests: Request[] = []
    const complaints: string[] = []
    page.on('request', (request) => requests.push(request))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    return { page, requests, complaints, [Symbol.asyncDispose]: () => context.close() }
  }
  return { open, close: () => browser.close() }
}
