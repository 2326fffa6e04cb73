#!/bin/sh
# Decide what nginx.conf cannot: https or http, and which proxies in front are believed.
set -eu
tls=/etc/front-door/tls
out=/tmp/front-door
mkdir -p "$out"

if [ -d "$tls" ] && ! { [ -r "$tls" ] && [ -x "$tls" ]; }; then
    echo "front-door: the folder secrets/tls cannot be read by everybody" >&2
    exit 1
fi
if [ -e "$tls/certificate.pem" ] || [ -e "$tls/key.pem" ]; then
    for file in certificate.pem key.pem; do
        [ -r "$tls/$file" ] || { echo "front-door: secrets/tls/$file is missing, or not readable by everybody" >&2; exit 1; }
    done
    cat > "$out/listen.conf" <<CONF
listen 8080 ssl;
http2 on;
ssl_certificate $tls/certificate.pem;
ssl_certificate_key $tls/key.pem;
ssl_protocols TLSv1.2 TLSv1.3;
ssl_session_cache shared:sessions:4m;
ssl_session_tickets off;
# Who speaks plain http to this port is sent to the same page over https.
error_page 497 =301 https://\$http_host\$request_uri;
CONF
else
    echo "listen 8080;" > "$out/listen.conf"
fi

# This machine as a container sees it: the default gateway, in hexadecimal and the wrong way round.
host() {
    gateway=$(awk '$2 == "00000000" { print $3; exit }' /proc/net/route)
    printf '%d.%d.%d.%d' "0x$(echo "$gateway" | cut -c7-8)" "0x$(echo "$gateway" | cut -c5-6)" \
        "0x$(echo "$gateway" | cut -c3-4)" "0x$(echo "$gateway" | cut -c1-2)"
}

: > "$out/believed.conf"
echo 'geo $realip_remote_addr $believed { default 0;' > "$out/believed-geo"
for proxy in $(echo "${TRUSTED_PROXIES:-}" | tr ',' ' '); do
    [ "$proxy" != host ] || proxy=$(host)
    case $proxy in
        *[!0-9a-fA-F.:/]*) echo "front-door: TRUSTED_PROXIES holds \"$proxy\", which is neither a network nor \`host\`" >&2; exit 1 ;;
    esac
    echo "set_real_ip_from $proxy;" >> "$out/believed.conf"
    echo "$proxy 1;" >> "$out/believed-geo"
done
{ cat "$out/believed-geo"; echo '}'; echo 'real_ip_header X-Forwarded-For;'; echo 'real_ip_recursive on;'; } >> "$out/believed.conf"
rm "$out/believed-geo"
