-- What caches have to be told: written by the statement that changes a product, gone once they know. Several versions
-- of one product may wait at a time; the highest is the one that counts.
CREATE TABLE products.cache_outbox (
  product_id uuid NOT NULL,
  version    bigint NOT NULL,
  is_deleted boolean NOT NULL,
  written_at timestamptz NOT NULL,
  PRIMARY KEY (product_id, version)
);

CREATE INDEX cache_outbox_written_at ON products.cache_outbox (written_at);
