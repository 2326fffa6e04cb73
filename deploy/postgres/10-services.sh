#!/bin/bash
# A role and a database for each service, made when the server starts for the first time. The name
# and the password are those of the service's own secret, postgresql://NAME:PASSWORD@.../NAME.
set -euo pipefail
for secret in /run/secrets/*-database-url; do
    account=$(sed -E 's#^postgresql://([^@]+)@.*#\1#' "$secret")
    psql -v ON_ERROR_STOP=1 --no-psqlrc -qX --username "${POSTGRES_USER:-postgres}" --dbname postgres <<SQL
CREATE ROLE ${account%%:*} LOGIN PASSWORD '${account#*:}';
CREATE DATABASE ${account%%:*} OWNER ${account%%:*};
REVOKE ALL ON DATABASE ${account%%:*} FROM PUBLIC;
SQL
done
