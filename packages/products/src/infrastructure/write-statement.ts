import type { RecordedOperation } from '../application/ports.ts'
import type { Change } from '../domain/decide.ts'
import type { Product } from '../domain/product.ts'

/**
 * The one statement through which products change: all of its changes or none.
 *
 * `locked` takes every product that was read, in key order; `guard` holds only if each still has the version that was
 * read, and every insert, update and delete is gated on it. SKUs are claimed, and operations recorded, by plain
 * inserts: a unique violation undoes the statement and means read again. What outdates the caches is written down by the
 * same statement (see `outbox.ts`); of a new product they can know nothing.
 */
export const writeStatement = `
WITH expected AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($1::text::jsonb) AS e (id uuid, version bigint)
), locked AS MATERIALIZED (
  SELECT p.id, p.version FROM products.products p JOIN expected e ON e.id = p.id
  WHERE p.deleted_at IS NULL
  ORDER BY p.id
  FOR UPDATE OF p
), guard AS MATERIALIZED (
  SELECT count(*) = 0 AS holds FROM expected e LEFT JOIN locked l ON l.id = e.id
  WHERE l.version IS DISTINCT FROM e.version
), inserted AS (
  INSERT INTO products.products
    (id, sku, name, description, price_minor, currency, images, active, version, created_at, updated_at)
  SELECT i.id, i.sku, i.name, i.description, i.price_minor, i.currency, i.images, i.active, i.version, $6::text::timestamptz,
         $6::text::timestamptz
  FROM jsonb_to_recordset($2::text::jsonb) AS i (id uuid, sku text, name text, description text, price_minor bigint,
    currency text, images jsonb, active boolean, version bigint)
  WHERE (SELECT holds FROM guard)
), updated AS (
  UPDATE products.products p
  SET sku = u.sku, name = u.name, description = u.description, price_minor = u.price_minor, currency = u.currency,
      images = u.images, active = u.active, version = u.version, updated_at = $6::text::timestamptz,
      deleted_at = CASE WHEN u.deleted THEN $6::text::timestamptz END
  FROM jsonb_to_recordset($3::text::jsonb) AS u (id uuid, sku text, name text, description text, price_minor bigint,
    currency text, images jsonb, active boolean, version bigint, deleted boolean)
  WHERE p.id = u.id AND (SELECT holds FROM guard)
), released AS (
  DELETE FROM products.product_skus s USING jsonb_to_recordset($4::text::jsonb) AS r (sku text, id uuid)
  WHERE s.sku = r.sku AND s.product_id = r.id AND (SELECT holds FROM guard)
), claimed AS (
  INSERT INTO products.product_skus (sku, product_id)
  SELECT c.sku, c.id FROM jsonb_to_recordset($5::text::jsonb) AS c (sku text, id uuid)
  WHERE (SELECT holds FROM guard)
  ORDER BY c.sku
), outdated AS (
  INSERT INTO products.cache_outbox (product_id, version, is_deleted, written_at)
  SELECT u.id, u.version, u.deleted, $6::text::timestamptz
  FROM jsonb_to_recordset($3::text::jsonb) AS u (id uuid, version bigint, deleted boolean)
  WHERE (SELECT holds FROM guard)
), recorded AS (
  INSERT INTO products.operations (id, fingerprint, verdict, created_at)
  SELECT $7::text::uuid, $8::text, $9::text, $6::text::timestamptz WHERE (SELECT holds FROM guard)
)
SELECT holds FROM guard`

/** The parameters of `writeStatement`. */
export function writeParameters(changes: readonly Change[], operation: RecordedOperation, now: string): string[] {
  const expected = []
  const inserted = []
  const updated = []
  const released = []
  const claimed = []
  for (const change of changes) {
    if (change.type === 'insert') {
      inserted.push(rowOf(change.product))
      claimed.push(skuOf(change.product))
      continue
    }
    const { before } = change
    expected.push({ id: before.id, version: before.version })
    if (change.type === 'delete') {
      updated.push({ ...rowOf(before), version: before.version + 1, deleted: true })
      released.push(skuOf(before))
      continue
    }
    updated.push({ ...rowOf(change.after), deleted: false })
    if (change.after.sku === before.sku) continue
    released.push(skuOf(before))
    claimed.push(skuOf(change.after))
  }
  const rows = [expected, inserted, updated, released, claimed].map((list) => JSON.stringify(list))
  return [...rows, now, operation.id, operation.fingerprint, JSON.stringify(operation.verdict)]
}

const skuOf = ({ sku, id }: Product) => ({ sku, id })

function rowOf({ price, createdAt, updatedAt, ...product }: Product) {
  return { ...product, price_minor: price.minor, currency: price.currency }
}
