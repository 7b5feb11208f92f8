import type { Textbook } from './pgbench.ts'

/**
 * Two products held for someone, as the textbook does it: both rows locked in the order of their keys, so that no two
 * transactions wait for each other, then changed; the ledger, the reservation, what it holds of each, and the record of
 * the operation. It gets everything that helps it, as with sales: small numbers for ids, one statement for the two rows
 * of the ledger and of the holds, no check of what is left, and no index but those without which a reservation or an
 * operation could not be found again.
 */
export const pairsOver = (name: string, rows: number): Textbook => ({
  name,
  tables: `
    CREATE TABLE stock (product int PRIMARY KEY, on_hand bigint NOT NULL, reserved bigint NOT NULL);
    CREATE TABLE ledger (product int NOT NULL, change bigint NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
    CREATE TABLE reservations (id bigint PRIMARY KEY, status text NOT NULL, expires_at timestamptz NOT NULL);
    CREATE TABLE holds (reservation bigint NOT NULL, product int NOT NULL, quantity bigint NOT NULL);
    CREATE TABLE operations (id bigint PRIMARY KEY, verdict text NOT NULL,
                             created_at timestamptz NOT NULL DEFAULT now());
    INSERT INTO stock SELECT product, 1000000000, 0 FROM generate_series(1, ${rows}) AS product;`,
  transaction: `\\set one random(1, ${rows})
\\set other 1 + (:one - 1 + random(1, ${rows - 1})) % ${rows}
\\set low least(:one, :other)
\\set high greatest(:one, :other)
\\set reservation random(1, 4000000000000000000)
\\set operation random(1, 4000000000000000000)
BEGIN;
SELECT on_hand, reserved FROM stock WHERE product = :low FOR UPDATE;
SELECT on_hand, reserved FROM stock WHERE product = :high FOR UPDATE;
UPDATE stock SET reserved = reserved + 1 WHERE product = :low;
UPDATE stock SET reserved = reserved + 1 WHERE product = :high;
INSERT INTO ledger (product, change) VALUES (:low, 1), (:high, 1);
INSERT INTO reservations (id, status, expires_at) VALUES (:reservation, 'held', now() + interval '30 days');
INSERT INTO holds (reservation, product, quantity) VALUES (:reservation, :low, 1), (:reservation, :high, 1);
INSERT INTO operations (id, verdict) VALUES (:operation, 'held');
COMMIT;
`,
  proof: `
    SELECT (SELECT sum(reserved)::bigint / 2 FROM stock) AS reserved,
           (SELECT count(*) FROM reservations) AS reservations,
           (SELECT count(*) / 2 FROM holds) AS held,
           (SELECT count(*) / 2 FROM ledger) AS "in the ledger",
           (SELECT count(*) FROM operations) AS operations`,
})
