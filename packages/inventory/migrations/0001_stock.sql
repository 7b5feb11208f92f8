-- Every aggregate's own id is its partition key and stands first in its primary key, so each table can be
-- hash-partitioned. The rules stand in the domain; the CHECKs are the last line of defence.

CREATE TABLE inventory.warehouses (
  id         uuid PRIMARY KEY,
  name       text NOT NULL,
  version    bigint NOT NULL,
  created_at timestamptz NOT NULL
);

-- Every shop has one warehouse called `default`, under an id that never changes.
INSERT INTO inventory.warehouses (id, name, version, created_at)
VALUES ('00000000-0000-7000-8000-000000000001', 'default', 1, date_trunc('milliseconds', now()));

-- A level is updated in place again and again; the free half of each page lets those updates stay off the index.
CREATE TABLE inventory.stock_levels (
  product_id      uuid NOT NULL,
  warehouse_id    uuid NOT NULL,
  on_hand         bigint NOT NULL CHECK (on_hand >= 0),
  reserved        bigint NOT NULL CHECK (reserved >= 0),
  short           bigint NOT NULL CHECK (short >= 0),
  backorder_limit bigint NOT NULL DEFAULT 0 CHECK (backorder_limit >= 0),
  sequence        bigint NOT NULL CHECK (sequence >= 0),
  version         bigint NOT NULL CHECK (version >= 1),
  updated_at      timestamptz NOT NULL,
  PRIMARY KEY (product_id, warehouse_id),
  CHECK (reserved <= on_hand + backorder_limit + short)
) WITH (fillfactor = 50);

CREATE TYPE inventory.movement_kind AS ENUM ('receipt', 'sale', 'return', 'adjustment', 'reservation', 'commit',
                                             'release', 'expiry', 'transfer_out', 'transfer_in');

-- The ledger: append-only. `transaction_id` orders it for readers that follow it.
CREATE TABLE inventory.movements (
  product_id      uuid NOT NULL,
  warehouse_id    uuid NOT NULL,
  sequence        bigint NOT NULL,
  kind            inventory.movement_kind NOT NULL,
  on_hand_change  bigint NOT NULL,
  reserved_change bigint NOT NULL,
  on_hand_after   bigint NOT NULL CHECK (on_hand_after >= 0),
  reserved_after  bigint NOT NULL CHECK (reserved_after >= 0),
  reason          text,
  actor           text NOT NULL,
  purchase_id     uuid,
  operation_id    uuid NOT NULL,
  transaction_id  xid8 NOT NULL DEFAULT pg_current_xact_id(),
  created_at      timestamptz NOT NULL,
  PRIMARY KEY (product_id, warehouse_id, sequence)
);

CREATE TABLE inventory.purchases (
  id               uuid PRIMARY KEY,
  product_id       uuid NOT NULL,
  warehouse_id     uuid NOT NULL,
  quantity         bigint NOT NULL CHECK (quantity >= 1),
  unit_price_minor bigint NOT NULL CHECK (unit_price_minor >= 0),
  total_minor      bigint NOT NULL CHECK (total_minor = unit_price_minor * quantity),
  currency         text NOT NULL,
  operation_id     uuid NOT NULL,
  created_at       timestamptz NOT NULL
);

-- What was decided for each operation id: kept for ever, so that a write that is sent again is never decided again.
-- The verdict of a sale is the list of its purchases' ids; the purchases themselves stand in their own table.
CREATE TABLE inventory.operations (
  id          uuid PRIMARY KEY,
  fingerprint uuid NOT NULL,
  verdict     text NOT NULL,
  created_at  timestamptz NOT NULL
);
