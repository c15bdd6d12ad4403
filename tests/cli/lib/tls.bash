# Certificates and peers for the tests of TLS. openssl makes the certificates in $BATS_FILE_TMPDIR, once
# for each bats file.
#
# shellcheck shell=bash

load ../lib/listen

# Skips where the build has no mbedTLS.
need_tls() {
	"$USOCK" --version | grep -q -w tls || skip "this build has no TLS"
	need openssl
}

# Begins each test: sets the folder, the server's certificate, and the authority that a client trusts.
# shellcheck disable=SC2034 # for the tests
begin_tls() {
	need_tls
	cd "$BATS_TEST_TMPDIR" || return
	exec </dev/null
	pids=()
	c=$BATS_FILE_TMPDIR
	own=(--cert "$c/server.crt" --key "$c/leaf.key")
	trust=(--ca-file "$c/root.crt")
}

# Makes in the folder of the bats file the authority root, a server certificate for localhost, and what the function MORE makes.
make_identities() { # [MORE]
	"$USOCK" --version | grep -q -w tls || return 0
	begin_ca
	{
		authority root /CN=Root
		sign server /CN=x 'subjectAltName=DNS:localhost,IP:127.0.0.1'
		${1:-:}
	} 2>log || { cat log >&2 && return 1; }
	bundle server leaf.key server.crt
}

has_tls13() {
	! "$USOCK" connect --tls --tls-min 1.3 --insecure 127.0.0.1 1 2>&1 | grep -q 'has no TLS 1.3'
}

begin_ca() {
	cd "$BATS_FILE_TMPDIR" || return
	: >index.txt && mkdir issued
	cat >ca.cnf <<-'END'
		[ca]
		default_ca = c
		[c]
		database = index.txt
		new_certs_dir = issued
		unique_subject = no
		rand_serial = yes
		policy = any
		default_md = sha256
		[any]
		commonName = optional
		organizationName = optional
	END
	openssl ecparam -name prime256v1 -genkey -noout -out leaf.key
}

new_key() { # NAME KIND
	case $2 in
	rsa*) openssl genrsa -out "$1.key" "${2#rsa}" ;;
	*) openssl ecparam -name "$2" -genkey -noout -out "$1.key" ;;
	esac
}

# sign NAME SUBJECT EXTENSIONS [start=] [end=] [by=] [key=FILE] [md=] [self=1] makes NAME.crt; by is the issuer.
sign() {
	local name=$1 subject=$2 extensions=$3 start=20200101000000Z end=20491231235959Z by=root
	local key=leaf.key md=sha256 self='' issuer
	shift 3
	[ $# = 0 ] || local "$@"
	printf '%b\n' "${extensions:-basicConstraints=CA:FALSE}" >"$name.ext"
	openssl req -new -key "$key" -subj "$subject" -out "$name.csr"
	issuer=(-cert "$by.crt" -keyfile "$by.key")
	[ -z "$self" ] || issuer=(-selfsign -keyfile "$key")
	openssl ca -batch -notext -config ca.cnf "${issuer[@]}" -in "$name.csr" -out "$name.crt" \
		-startdate "$start" -enddate "$end" -extfile "$name.ext" -md "$md" \
		-preserveDN 2>"$name.log" || cat "$name.log" >&2
}

CA_EXT='basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash'

# Makes an authority with its own key: NAME.crt, NAME.key.
authority() { # NAME SUBJECT [sign's VALUES...]
	new_key "$1" prime256v1
	if [ "$1" = root ] || [[ " ${*:3} " == *" self=1 "* ]]; then
		sign "$1" "$2" "$CA_EXT" "key=$1.key" self=1 "${@:3}"
	else
		sign "$1" "$2" "$CA_EXT" "key=$1.key" "${@:3}"
	fi
}

# bundle NAME KEY CERTIFICATE... makes NAME.pem for a server.
bundle() {
	cat "$2" "${@:3}" >"$1.pem"
}

# Starts an openssl server on a free port; sets $pid and $port.
s_server() { # NAME ARG...
	start "$1" openssl s_server -quiet -accept 127.0.0.1:0 "${@:2}"
	listening
}

# Starts the Python server for these files; port_for FILE prints the port for each.
tls_serve() { # ARG...
	start tls-server "$python" -IS "$peers/tls.py" serve "$@"
	eventually ready_or_over
	has_line tls-server.out "^ready\$" || fail "$(cat tls-server.err)"
}

port_for() { # FILE
	sed -n "s|^$1 ||p" tls-server.out
}

tls_client() { # ARG...
	timeout --foreground -s KILL "$patience" "$python" -IS "$peers/tls.py" client "$@" 3>&- 8>&-
}

ready_or_over() {
	has_line tls-server.out '^ready$' || is_over "$pid"
}
