-- What a level is set up with, what is on its way, and a moment before which no hold of it expires. All of them have a
-- value that says nothing, so a version that does not know them may still write.
ALTER TABLE inventory.stock_levels
  ADD COLUMN incoming       bigint NOT NULL DEFAULT 0 CHECK (incoming >= 0),
  ADD COLUMN reorder_point  bigint CHECK (reorder_point >= 0),
  ADD COLUMN next_expiry_at timestamptz;

ALTER TABLE inventory.warehouses
  ADD COLUMN updated_at timestamptz,
  ADD COLUMN deleted_at timestamptz;

-- Stock that is held for someone. `lines` never change but for the status of each; a reservation without lines is the
-- tombstone of an id that was released before it was reserved.
CREATE TABLE inventory.reservations (
  id           uuid PRIMARY KEY,
  status       text NOT NULL CHECK (status IN ('held', 'committed', 'released', 'expired')),
  reference    text,
  lines        jsonb NOT NULL,
  expires_at   timestamptz NOT NULL,
  version      bigint NOT NULL CHECK (version >= 1),
  actor        text NOT NULL,
  operation_id uuid NOT NULL,
  created_at   timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL
) WITH (fillfactor = 70);

CREATE INDEX reservations_held ON inventory.reservations (expires_at) WHERE status = 'held';
CREATE INDEX reservations_by_reference ON inventory.reservations (reference, id) WHERE reference IS NOT NULL;

-- What each reservation still holds of each level; their sum is what the level has reserved. A hold goes when it is
-- committed, released or found to be expired. It changes only together with its level's version.
CREATE TABLE inventory.holds (
  product_id     uuid NOT NULL,
  warehouse_id   uuid NOT NULL,
  reservation_id uuid NOT NULL,
  quantity       bigint NOT NULL CHECK (quantity >= 1),
  expires_at     timestamptz NOT NULL,
  operation_id   uuid NOT NULL,
  created_at     timestamptz NOT NULL,
  PRIMARY KEY (product_id, warehouse_id, reservation_id)
) WITH (fillfactor = 70);

CREATE INDEX holds_by_expiry ON inventory.holds (product_id, warehouse_id, expires_at, reservation_id);

ALTER TABLE inventory.movements ADD COLUMN reservation_id uuid;

-- Those who follow the ledger read it in the order of its transactions.
CREATE INDEX movements_by_transaction ON inventory.movements (transaction_id);
-- A period of a ledger that only grows: a summary of each stretch of the table is enough to find it.
CREATE INDEX movements_by_time ON inventory.movements USING brin (created_at) WITH (pages_per_range = 32);

-- The ledger is append-only: its owner, if it is not a superuser, cannot change it without granting itself the right.
REVOKE UPDATE, DELETE, TRUNCATE ON inventory.movements FROM CURRENT_USER;

-- Where more may be promised than is there: few levels, and nothing in it changes when stock is sold.
CREATE INDEX stock_levels_owing ON inventory.stock_levels (product_id, warehouse_id)
  WHERE backorder_limit > 0 OR short > 0;
