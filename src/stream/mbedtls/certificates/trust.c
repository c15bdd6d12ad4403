#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/parse.h"
#include "stream/mbedtls/certificates/pem.h"
#include "stream/mbedtls/certificates/secret_file.h"
#include "stream/mbedtls/certificates/trust.h"
#include "stream/mbedtls/config.h"

#define STORE_MAX (64u << 20)

/* Debian, Arch, Alpine · Fedora, RHEL · openSUSE · Alpine, BSDs · FreeBSD · Homebrew */
static const char *const system_files[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
	"/var/lib/ca-certificates/ca-bundle.pem",
	"/etc/ssl/cert.pem",
	"/usr/local/share/certs/ca-root-nss.crt",
	"/usr/local/etc/ssl/cert.pem",
	"/opt/homebrew/etc/ca-certificates/cert.pem",
	NULL,
};

static int
keep_block(struct tls_trust *trust, void *block, struct error *e)
{
	void **blocks = realloc(trust->blocks, (trust->n_blocks + 1) * sizeof(*blocks));

	if (blocks == NULL) {
		free(block);
		return error_set(e, ERROR_INTERNAL, "out of memory");
	}
	trust->blocks = blocks;
	blocks[trust->n_blocks++] = block;
	return 0;
}

/* The parser walks the whole list unless it starts at the end. */
static mbedtls_x509_crt *
last_of(mbedtls_x509_crt *chain)
{
	while (chain->next != NULL)
		chain = chain->next;
	return chain;
}

static size_t
add_encoded(mbedtls_x509_crt **tail, const unsigned char *der, size_t n)
{
	if (mbedtls_x509_crt_parse_der_nocopy(*tail, der, n) != 0)
		return 0;
	*tail = last_of(*tail);
	return 1;
}

/* Adds every certificate of a bundle that can be parsed: one that is malformed, or unknown to the
 * library, must not cost the others. Returns how many. */
static long
add_pem(struct tls_trust *trust, const char *text, size_t n, struct error *e)
{
	size_t room = n / 4 * 3 + 4, used = 0, at = 0, count = 0, len;
	mbedtls_x509_crt *tail = last_of(&trust->chain);
	unsigned char *block = malloc(room);

	if (block == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	while ((len = tls_mbed_pem_next(text, n, &at, block + used, room - used)) > 0) {
		count += add_encoded(&tail, block + used, len);
		used += len;
	}
	if (keep_block(trust, block, e) < 0)
		return -1;
	return (long)count;
}

static long
no_certificate(const struct tls_trust *trust, const char *path, const char *text, size_t n,
    struct error *e)
{
	const struct tls_secret_file file = { trust->option, path, false, NULL };

	return tls_mbed_secret_file_explain(&file, text, n, e);
}

static long
add_der(struct tls_trust *trust, char *data, size_t n)
{
	return mbedtls_x509_crt_parse_der(&trust->chain, (unsigned char *)data, n) == 0 ? 1 : 0;
}

/* Returns how many certificates it added, or -1 if the file cannot be read or has none. */
static long
add_file(struct tls_trust *trust, const char *path, struct error *e)
{
	size_t n;
	char *data = tls_mbed_secret_file_read(path, STORE_MAX, trust->wait, &n, e);
	long count;

	if (data == NULL)
		return -1;
	if (n > 0 && data[0] == 0x30)
		count = add_der(trust, data, n);
	else
		count = add_pem(trust, data, n, e);
	if (count == 0)
		count = no_certificate(trust, path, data, n, e);
	free(data);
	return count;
}

/* "9d04f354.0": a folder with hash links also has each certificate under its own name, and in a
 * bundle. Only the links are read then. */
static bool
is_hashed(const char *name)
{
	int i;

	for (i = 0; i < 8; i++)
		if (parse_hex_digit(name[i]) < 0)
			return false;
	return name[8] == '.' && isdigit((unsigned char)name[9]);
}

static bool
is_certificate_name(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL &&
	    (strcmp(dot, ".pem") == 0 || strcmp(dot, ".crt") == 0 || strcmp(dot, ".cer") == 0);
}

static long
add_entries(struct tls_trust *trust, const char *path, DIR *dir, bool (*wanted)(const char *))
{
	char file[4096];
	struct dirent *entry;
	long count = 0, n;

	/* the stream of entries is ours alone, and readdir_r obsolete: readdir(3) */
	/* cppcheck-suppress readdirCalled */
	while ((entry = readdir(dir)) != NULL) {
		if (!wanted(entry->d_name))
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		n = add_file(trust, file, NULL);
		count += n > 0 ? n : 0;
	}
	return count;
}

static long
add_folder(struct tls_trust *trust, const char *path, struct error *e)
{
	DIR *dir = opendir(path);
	long count;

	if (dir == NULL)
		return error_errno(e, ERROR_LOCAL_IO, errno, "open %s", path);
	count = add_entries(trust, path, dir, is_hashed);
	rewinddir(dir);
	if (count == 0)
		count = add_entries(trust, path, dir, is_certificate_name);
	closedir(dir);
	return count;
}

/* A file that the user named has to exist. */
static int
load_named(struct tls_trust *trust, const char *path,
    long (*add)(struct tls_trust *, const char *, struct error *), struct error *e)
{
	long count;

	if (path == NULL)
		return 0;
	count = add(trust, path, e);
	if (count < 0)
		return -1;
	if (count == 0)
		return error_set(e, ERROR_TLS, "%s: there is no certificate in it", path);
	snprintf(trust->from, sizeof(trust->from), "%s", path);
	return 0;
}

/* Like SSL_CERT_DIR: several folders separated by colons. */
static void
load_path(struct tls_trust *trust, const char *path)
{
	char folder[4096];
	size_t n;

	for (; *path != '\0'; path += n + (path[n] == ':')) {
		n = strcspn(path, ":");
		if (n == 0 || n >= sizeof(folder))
			continue;
		memcpy(folder, path, n);
		folder[n] = '\0';
		add_folder(trust, folder, NULL);
	}
}

static void
load_system(struct tls_trust *trust, const struct tls_how *how)
{
	const char *const *file;

	snprintf(trust->from, sizeof(trust->from), "%s",
	    how->system_file != NULL       ? how->system_file
		: how->system_path != NULL ? how->system_path
					   : "the system's store");
	if (how->system_file != NULL)
		add_file(trust, how->system_file, NULL);
	if (how->system_path != NULL)
		load_path(trust, how->system_path);
	if (how->system_file != NULL || how->system_path != NULL)
		return;
	for (file = system_files; *file != NULL; file++)
		if (add_file(trust, *file, NULL) > 0)
			return;
}

int
tls_mbed_trust_load(struct tls *t, struct error *e)
{
	struct tls_trust *trust = &t->trust;
	int rc;

	if (trust->loaded)
		return 0;
	if (t->how.ca_file == NULL && t->how.ca_path == NULL)
		load_system(trust, &t->how);
	trust->option = t->how.role == TLS_CLIENT ? "--ca-file" : "--client-ca";
	/* files in a folder have to be regular */
	trust->wait = t->how.wait;
	rc = load_named(trust, t->how.ca_file, add_file, e);
	trust->wait = NULL;
	if (rc < 0 || load_named(trust, t->how.ca_path, add_folder, e) < 0)
		return -1;
	mbedtls_ssl_conf_ca_chain(&t->conf, &trust->chain, NULL);
	trust->loaded = true;
	return 0;
}

void
tls_mbed_trust_close(struct tls *t)
{
	mbedtls_x509_crt_free(&t->trust.chain);
	while (t->trust.n_blocks > 0)
		free(t->trust.blocks[--t->trust.n_blocks]);
	free(t->trust.blocks);
}
