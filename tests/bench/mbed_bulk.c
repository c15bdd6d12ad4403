/* What mbedTLS alone reaches: N MiB over loopback from one process to another, one core each, with nothing
 * around the library but send and recv of whole records. The figure that usock is held against.
 *
 * usage: mbed_bulk CERT.pem [N [CIPHER]]     cc -O2 tests/bench/mbed_bulk.c -lmbedtls -lmbedx509 -lmbedcrypto
 *
 * CERT.pem has certificate and key; CIPHER is one of the library's names. Prints what one core
 * for each side gives: megabytes by seconds of CPU of the busier one. */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include <mbedtls/version.h>
#if MBEDTLS_VERSION_MAJOR > 2
#include <psa/crypto.h>
#endif
#include <mbedtls/ssl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RECORD = 16384, AHEAD = 64 << 10 };

static int ids[2];

static int
randomly(void *unused, unsigned char *out, size_t n)
{
	(void)unused;
	return getrandom(out, n, 0) == (ssize_t)n ? 0 : -1;
}

static int
need(int rc, const char *what)
{
	if (rc < 0) {
		fprintf(stderr, "%s: -0x%x\n", what, (unsigned)-rc);
		exit(1);
	}
	return rc;
}

static int
put(void *fd, const unsigned char *data, size_t n)
{
	return (int)send(*(int *)fd, data, n, 0);
}

/* many records with one call, as anybody would who wants speed */
static int
get(void *fd, unsigned char *data, size_t n)
{
	static unsigned char ahead[AHEAD];
	static size_t at, end;

	if (at == end) {
		ssize_t got = recv(*(int *)fd, ahead, sizeof(ahead), 0);

		if (got <= 0)
			return (int)got;
		at = 0;
		end = (size_t)got;
	}
	if (n > end - at)
		n = end - at;
	memcpy(data, ahead + at, n);
	at += n;
	return (int)n;
}

static void
set_up(mbedtls_ssl_context *ssl, mbedtls_ssl_config *conf, int role, int *fd)
{
	mbedtls_ssl_init(ssl);
	mbedtls_ssl_config_init(conf);
	need(mbedtls_ssl_config_defaults(conf, role, MBEDTLS_SSL_TRANSPORT_STREAM,
		 MBEDTLS_SSL_PRESET_DEFAULT),
	    "defaults");
	mbedtls_ssl_conf_rng(conf, randomly, NULL);
	mbedtls_ssl_conf_authmode(conf, MBEDTLS_SSL_VERIFY_NONE);
	if (ids[0] != 0)
		mbedtls_ssl_conf_ciphersuites(conf, ids);
	mbedtls_ssl_set_bio(ssl, fd, put, get, NULL);
}

static void
serve(int fd, const char *file)
{
	static unsigned char data[RECORD];
	mbedtls_ssl_context ssl;
	mbedtls_ssl_config conf;
	mbedtls_x509_crt crt;
	mbedtls_pk_context key;
	int rc;

	set_up(&ssl, &conf, MBEDTLS_SSL_IS_SERVER, &fd);
	mbedtls_x509_crt_init(&crt);
	mbedtls_pk_init(&key);
	need(mbedtls_x509_crt_parse_file(&crt, file), file);
#if MBEDTLS_VERSION_MAJOR == 3
	need(mbedtls_pk_parse_keyfile(&key, file, NULL, randomly, NULL), file);
#else
	need(mbedtls_pk_parse_keyfile(&key, file, NULL), file);
#endif
	need(mbedtls_ssl_conf_own_cert(&conf, &crt, &key), "own");
	need(mbedtls_ssl_setup(&ssl, &conf), "setup");
	need(mbedtls_ssl_handshake(&ssl), "handshake");
	do
		rc = mbedtls_ssl_read(&ssl, data, sizeof(data));
	while (rc > 0);
}

/* Seconds of CPU: on a machine that others use too, wall-clock time says nothing. */
static double
cpu(int who)
{
	struct rusage r;

	getrusage(who, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
	    (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static void
report(double megabytes, const mbedtls_ssl_context *ssl)
{
	double out = cpu(RUSAGE_SELF), in = cpu(RUSAGE_CHILDREN);

	printf("%.1f MB/s out %.3f s in %.3f s %s %s\n", megabytes / (out > in ? out : in), out, in,
	    mbedtls_ssl_get_version(ssl), mbedtls_ssl_get_ciphersuite(ssl));
}

static void
send_all(int fd, size_t total)
{
	static unsigned char data[RECORD];
	mbedtls_ssl_context ssl;
	mbedtls_ssl_config conf;
	size_t sent;

	set_up(&ssl, &conf, MBEDTLS_SSL_IS_CLIENT, &fd);
	need(mbedtls_ssl_setup(&ssl, &conf), "setup");
	need(mbedtls_ssl_set_hostname(&ssl, NULL), "name");
	need(mbedtls_ssl_handshake(&ssl), "handshake");
	for (sent = 0; sent < total; sent += RECORD)
		need(mbedtls_ssl_write(&ssl, data, RECORD), "write");
	shutdown(fd, SHUT_WR);
	wait(NULL);
	report((double)total / 1e6, &ssl);
}

int
main(int argc, char **argv)
{
	size_t n = argc > 2 ? (size_t)atoi(argv[2]) << 20 : 256u << 20;
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int l = socket(AF_INET, SOCK_STREAM, 0), c = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	if (argc < 2)
		return 2;
	ids[0] = argc > 3 ? mbedtls_ssl_get_ciphersuite_id(argv[3]) : 0;
	if (l < 0 || bind(l, (void *)&a, len) < 0 || listen(l, 1) < 0 ||
	    getsockname(l, (void *)&a, &len) < 0 || connect(c, (void *)&a, len) < 0)
		return 1;
	setsockopt(c, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
#if MBEDTLS_VERSION_MAJOR > 2
	psa_crypto_init();
#endif
	if (fork() == 0) {
		close(c);
		serve(accept(l, NULL, NULL), argv[1]);
		_exit(0);
	}
	send_all(c, n);
	return 0;
}
