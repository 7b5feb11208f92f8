-- Every table's partition key stands first in its primary key, so each can be hash-partitioned. What else must be
-- unique is claimed in a table keyed by it.

CREATE TABLE products.products (
  id          uuid PRIMARY KEY,
  sku         text NOT NULL,
  name        text NOT NULL,
  description text NOT NULL,
  price_minor bigint NOT NULL CHECK (price_minor >= 0),
  currency    text NOT NULL,
  images      jsonb NOT NULL,
  active      boolean NOT NULL,
  version     bigint NOT NULL CHECK (version >= 1),
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  -- Deleting marks: purchases and history go on naming the product.
  deleted_at  timestamptz
);

-- Which product has which SKU; a deleted product gives its own back.
CREATE TABLE products.product_skus (
  sku        text PRIMARY KEY,
  product_id uuid NOT NULL
);

-- What was decided for each operation id: kept for ever, so that a write that is sent again is never decided again.
CREATE TABLE products.operations (
  id          uuid PRIMARY KEY,
  fingerprint text NOT NULL,
  verdict     text NOT NULL,
  created_at  timestamptz NOT NULL
);
