#!/bin/sh
# Makes the certificates by which collectors get credentials from IAM Roles Anywhere.
#
#   make-certificates.sh authority FOLDER FLEET
#       the fleet's own certificate authority: FOLDER/authority.pem goes into the variable
#       `collector_ca_certificate`, and FOLDER/authority.key stays off every collector and in a safe
#       place: whoever has it can be any collector.
#   make-certificates.sh host FOLDER COLLECTOR
#       a new key and a certificate for one collector, of a year: FOLDER/COLLECTOR.key and
#       FOLDER/COLLECTOR.pem. COLLECTOR is its name in the variable `collectors`.
#   make-certificates.sh revoke FOLDER COLLECTOR
#       puts all certificates of the collector onto FOLDER/revoked.pem, the list to be imported.
#
# Needs OpenSSL 3 and nothing else.
set -eu

AUTHORITY_DAYS=3650
HOST_DAYS=365
# Fresh lists must be there before this is over; a list that is too old revokes nothing.
REVOCATION_LIST_DAYS=3650

fail() {
    echo "error: $*" >&2
    exit 1
}

# As the module `fleet` wants it: it becomes a part of a role's name.
check_name() {
    printf '%s' "$1" | grep -Eqx '[A-Za-z0-9][A-Za-z0-9_-]{0,27}' ||
        fail "\`$1\` is not 1 to 28 letters, digits, \`_\` and \`-\`, first a letter or digit"
}

new_key() {
    (umask 077 && openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1")
}

make_authority() {
    [ ! -e "$folder/authority.key" ] ||
        fail "$folder/authority.key is there: a new authority would lock out every collector"
    mkdir -p "$folder"
    new_key "$folder/authority.key"
    openssl req -new -x509 -sha256 -key "$folder/authority.key" -days "$AUTHORITY_DAYS" \
        -subj "/O=Perfleet/CN=perfleet-$name-collectors" -config /dev/null \
        -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' \
        -addext 'keyUsage=critical,keyCertSign,cRLSign' \
        -addext 'subjectKeyIdentifier=hash' \
        -out "$folder/authority.pem"
    echo "made $folder/authority.pem" >&2
}

make_host() {
    [ -e "$folder/authority.key" ] || fail "there is no $folder/authority.key: make it first"
    new_key "$folder/$name.key"
    openssl req -new -sha256 -key "$folder/$name.key" -config /dev/null \
        -subj "/O=Perfleet/CN=$name" -out "$folder/$name.request"
    {
        echo 'basicConstraints=critical,CA:FALSE'
        echo 'keyUsage=critical,digitalSignature'
        echo 'extendedKeyUsage=clientAuth'
        echo 'subjectKeyIdentifier=hash'
        echo 'authorityKeyIdentifier=keyid:always'
    } >"$folder/$name.extensions"
    # A serial number is positive, and not guessed by whoever looks for a collision.
    serial=$(openssl rand -hex 16 | sed 's/^./1/')
    openssl x509 -req -sha256 -in "$folder/$name.request" -days "$HOST_DAYS" \
        -CA "$folder/authority.pem" -CAkey "$folder/authority.key" \
        -set_serial "0x$serial" \
        -extfile "$folder/$name.extensions" -out "$folder/$name.pem" 2>/dev/null
    rm "$folder/$name.request" "$folder/$name.extensions"
    # The one before stays valid until it ends or is revoked, for which it must be known.
    mkdir -p "$folder/issued"
    cp "$folder/$name.pem" "$folder/issued/$name.$serial.pem"
    echo "made $folder/$name.key and $folder/$name.pem" >&2
}

revoke() {
    [ -e "$folder/$name.pem" ] || fail "there is no $folder/$name.pem"
    [ -e "$folder/revoked.txt" ] || : >"$folder/revoked.txt"
    configuration="$folder/revocation.conf"
    {
        echo '[ca]'
        echo 'default_ca = authority'
        echo '[authority]'
        echo "certificate = $folder/authority.pem"
        echo "private_key = $folder/authority.key"
        echo "database = $folder/revoked.txt"
        echo 'default_md = sha256'
        echo "default_crl_days = $REVOCATION_LIST_DAYS"
        echo 'crl_extensions = list'
        echo '[list]'
        echo 'authorityKeyIdentifier = keyid:always'
    } >"$configuration"
    for certificate in "$folder/issued/$name".*.pem; do
        serial=$(basename "$certificate" .pem | cut -d . -f 2 | tr '[:lower:]' '[:upper:]')
        grep -q "$serial" "$folder/revoked.txt" ||
            openssl ca -config "$configuration" -revoke "$certificate" 2>/dev/null ||
            fail "$certificate is not of this authority"
    done
    openssl ca -config "$configuration" -gencrl -out "$folder/revoked.pem" 2>/dev/null
    rm "$configuration"
    echo "made $folder/revoked.pem" >&2
}

[ $# -eq 3 ] || fail "say: $0 authority|host|revoke FOLDER NAME"
command=$1 folder=$2 name=$3
check_name "$name"
case $command in
authority) make_authority ;;
host) make_host ;;
revoke) revoke ;;
*) fail "say: $0 authority|host|revoke FOLDER NAME" ;;
esac
