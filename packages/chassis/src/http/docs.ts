import { swagger } from '@elysiajs/swagger'
import { Elysia } from 'elysia'

/** A file as it is served. */
export type Asset = Readonly<{ body: string | Blob; type: string }>

/** Only what this process itself serves may run. Swagger UI sets inline styles, so those are allowed. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

export const docsHeaders = { 'Content-Security-Policy': POLICY, 'X-Content-Type-Options': 'nosniff' } as const

/**
 * The files of `/docs`, by path.
 *
 * The page is the plugin's; its script from a CDN and its inline start script become files of our own, so that the
 * page works without the internet and under a strict policy. The plugin's own OpenAPI document is not served: it is
 * an older version of the standard and knows nothing of JSON:API.
 */
export async function docsAssets(title: string): Promise<ReadonlyMap<string, Asset>> {
  const { html, start } = await pageOf(title)
  return new Map<string, Asset>([
    ['/docs', { body: html, type: 'text/html; charset=utf-8' }],
    ['/docs/start.js', { body: start, type: 'text/javascript; charset=utf-8' }],
    ['/docs/page.css', { body: STYLE, type: 'text/css; charset=utf-8' }],
    ['/docs/swagger-ui.css', { body: published('swagger-ui.css'), type: 'text/css; charset=utf-8' }],
    ['/docs/swagger-ui-bundle.js', { body: published('swagger-ui-bundle.js'), type: 'text/javascript; charset=utf-8' }],
    ['/docs/favicon-32x32.png', { body: published('favicon-32x32.png'), type: 'image/png' }],
  ])
}

const published = (name: string) => Bun.file(new URL(import.meta.resolve(`swagger-ui-dist/${name}`)))

/** The plugin's page without what it would run or load, and the script that stood in it. */
async function pageOf(title: string): Promise<{ html: string; start: string }> {
  const app = new Elysia().use(
    swagger({
      path: '/docs',
      specPath: '/openapi.json',
      provider: 'swagger-ui',
      theme: '/docs/swagger-ui.css',
      autoDarkMode: false,
      documentation: { info: { title: `${title} API`, version: '', description: `The HTTP API of ${title}` } },
      swaggerOptions: {
        persistAuthorization: true,
        deepLinking: true,
        displayRequestDuration: true,
        // The operations are what is looked for; the schemas stand in each of them, and once more, folded, at the end.
        defaultModelsExpandDepth: 0,
        // Nobody else is shown the document, not even to say whether it is valid.
        validatorUrl: 'none',
      },
    }),
  )
  let start = ''
  const html = await new HTMLRewriter()
    .on('head', {
      element(head) {
        head.append('<link rel="stylesheet" href="/docs/page.css" />\n', { html: true })
        head.append('<link rel="icon" type="image/png" sizes="32x32" href="/docs/favicon-32x32.png" />\n', {
          html: true,
        })
      },
    })
    .on('script[src]', {
      element(script) {
        script.setAttribute('src', '/docs/swagger-ui-bundle.js')
        script.removeAttribute('crossorigin')
      },
    })
    .on('script:not([src])', {
      element(script) {
        script.setAttribute('src', '/docs/start.js')
      },
      text(chunk) {
        start += chunk.text
        chunk.remove()
      },
    })
    .transform(await app.handle(new Request('http://localhost/docs')))
    .text()
  return { html, start }
}

/** There is one server to choose from, the one that shows the page, and no link between answers: neither is shown. */
const STYLE = `body { margin: 0; }
.swagger-ui .info { margin: 32px 0 16px; }
.swagger-ui .scheme-container { margin-bottom: 8px; padding: 8px 0 16px; box-shadow: none; }
.swagger-ui .scheme-container .schemes { justify-content: flex-start; }
.swagger-ui .scheme-container .schemes > .schemes-server-container { display: none; }
.swagger-ui .response-col_links { display: none; }
`
