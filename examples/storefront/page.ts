/** One thing in the window. */
export type Offer = Readonly<{ productId: string; name: string; price: string; available: number; saleKey: string }>

/** The window as a page. */
export function windowPage(offers: readonly Offer[], message = ''): string {
  const rows = offers.map(
    ({ productId, name, price, available, saleKey }) => `
      <tr>
        <td>${escaped(name)}</td>
        <td>${escaped(price)}</td>
        <td>${available > 0 ? `${available} left` : 'sold out'}</td>
        <td>
          <form method="post" action="/buy">
            <input type="hidden" name="productId" value="${escaped(productId)}">
            <input type="hidden" name="saleKey" value="${escaped(saleKey)}">
            <input type="number" name="quantity" value="1" min="1" aria-label="Quantity of ${escaped(name)}">
            <button>Buy</button>
          </form>
        </td>
      </tr>`,
  )
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <title>Storefront</title>
  <body>
    <h1>Storefront</h1>
    <p role="status">${escaped(message)}</p>
    <table>${rows.join('') || '<tr><td>The shelves are empty.</td></tr>'}
    </table>
  </body>
</html>`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Text as it may stand in HTML: a product may have any name. */
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign)
