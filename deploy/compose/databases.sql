-- Run by psql once, when the PostgreSQL of docker-compose.yml starts on an empty volume: a database for each service,
-- with an owner of its own.
\getenv password POSTGRES_PASSWORD
CREATE ROLE products LOGIN PASSWORD :'password';
CREATE ROLE inventory LOGIN PASSWORD :'password';
CREATE DATABASE products OWNER products;
CREATE DATABASE inventory OWNER inventory;
REVOKE CONNECT ON DATABASE products, inventory FROM PUBLIC;
